use clap::ValueEnum;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use kalends_value::words;

/// The log, which goes to standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// Least severe level that is written. Default `info`. Since 0.1.
    pub level: LogLevel,
    /// Format of a line. Default `text`. Since 0.1.
    pub format: LogFormat,
}

impl Default for Log {
    fn default() -> Self {
        Self { level: LogLevel::Info, format: LogFormat::Text }
    }
}

/// Least severe level that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogLevel {
    /// Only what stops something from working.
    Error,
    /// And what needs somebody's attention soon.
    Warn,
    /// And what happens rarely: starts, stops, changes of state.
    Info,
    /// And what helps to find a fault.
    Debug,
    /// Everything of kalends' own, and of libraries all but what goes over the wire.
    Trace,
}

/// Format of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line, for machines.
    Json,
}

words!(LogLevel { "error" => Error, "warn" => Warn, "info" => Info, "debug" => Debug, "trace" => Trace });

words!(LogFormat { "text" => Text, "json" => Json });
