//! The sink against servers that behave as destinations do, well and badly.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that meets what it does not expect should stop there"
)]

mod answers;
mod braze;
mod conformance;
mod delivery;
mod fake;
mod faults;
mod segment;
mod wire;
mod world;

use kalends_test_util::events;
