//! The `kalends` command: its command line, what its commands do, and the daemon.

pub mod admin_client;
pub mod cli;
pub mod commands;
pub mod daemon;
mod journals;
pub mod output;
pub mod sink_streams;
pub mod sinks;
