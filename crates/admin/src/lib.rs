//! The operator's listener: metrics, health, readiness, status.
//!
//! It runs on a thread and a runtime of its own, and asks the daemon only through [`Probe`] and a metrics registry, each
//! with a time-out: it answers while everything else is stuck. It never changes anything.

mod answer;
mod json;
mod page;
mod probe;
mod route;
mod server;
mod thread;

pub use probe::Probe;
pub use server::{Control, Server, StartError};
