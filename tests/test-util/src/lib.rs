//! What the tests of several sinks have in common.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that meets what it does not expect should stop there"
)]

pub mod events;
pub mod failures;
