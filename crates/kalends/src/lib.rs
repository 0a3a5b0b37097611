//! The daemon: settings, command line and wiring.

pub mod app;
pub mod cat;
pub mod catalogue;
pub mod check;
pub mod cli;
pub mod command;
pub mod config;
pub mod demo;
pub mod exit;
pub mod explain;
mod file_limit;
pub mod journal;
pub mod logging;
pub mod replay;
pub mod run;
pub mod schemas;
pub mod send;
pub mod settings;
pub mod signals;
pub mod sinks;
pub mod status;
pub mod stdout;
pub mod streams;
pub mod tls;
