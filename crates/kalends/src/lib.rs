//! The daemon: settings, command line and wiring.

pub mod settings;
