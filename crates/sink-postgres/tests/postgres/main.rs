//! The sink against real servers: the oldest and the newest that can be had here, and a pooler in transaction mode.
//! `tests/services` fetches and starts them.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that meets what it does not expect should stop there"
)]

mod checks;
mod conformance;
mod delivery;
mod faults;
mod page;
mod proxy;
mod refusals;
mod schema;
mod servers;
mod silence;
mod standby;
mod state;
mod texts;
mod tls;
mod world;

use kalends_test_util::events;
