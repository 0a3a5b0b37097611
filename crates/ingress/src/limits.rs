//! Bounds on what senders may take: requests per second, memory for bodies, and time of the journal.

pub(crate) mod memory_budget;
pub(crate) mod overdue;
pub(crate) mod rate;
