//! Starts the daemon and real services as child processes, sends webhooks, reads what landed, and waits for conditions.
//!
//! Knows kalends from outside only: its program, its configuration, its listeners, its files.

pub mod browser;
pub mod collector;
pub mod config;
pub mod connect;
pub mod daemon;
pub mod datum;
pub mod documents;
pub mod event;
pub mod files;
pub mod http;
pub mod installation;
pub mod kafka;
pub mod load;
pub mod memory;
pub mod metrics;
pub mod own_schema;
pub mod postgres;
pub mod prometheus;
pub mod proxy;
pub mod python;
pub mod registry;
pub mod rotel_collector;
pub mod sample;
pub mod service;
pub mod small_disk;
pub mod tls_gate;
pub mod topic;
pub mod tree;
pub mod wait;

pub use daemon::Daemon;
pub use files::Record;
pub use installation::{Installation, program};
pub use small_disk::SmallDisk;
pub use wait::wait_until;
