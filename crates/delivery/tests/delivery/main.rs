//! Delivery over a real journal, to destinations in memory.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod commands;
mod duplicates;
mod failures;
mod history;
mod holds;
mod intake;
mod memory_sink;
mod order;
mod privacy;
mod refusals;
mod retention;
mod skips;
mod stops;
mod world;
