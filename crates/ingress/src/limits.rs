//! Bounds on what senders may take: requests per second, and memory for bodies.

pub(crate) mod memory_budget;
pub(crate) mod rate;
