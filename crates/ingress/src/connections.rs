//! Open connections: accepted, served, timed out, and closed to make room for others.

pub(crate) mod connection;
mod idle;
pub(crate) mod pool;
mod protocol;
mod registry;
mod reject;
mod socket;
mod state;
mod stream;
