use std::path::PathBuf;

use kalends_value::Path;

/// A resource that one sink needs alone: two sinks with equal claims are a fault of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// A directory, into which no other reaches.
    Directory {
        /// The key that names it.
        at: Path,
        /// The directory.
        directory: PathBuf,
    },
    /// Something else with a name of its own, such as a topic or a table, in which each event would stand twice.
    Name {
        /// The key to change.
        at: Path,
        /// Equal for equal things, whatever the spelling in the configuration.
        name: String,
        /// The resource in words for people, such as `` `rokt.calendar.test` of these brokers ``.
        shown: String,
        /// The remedy for two sinks with the same claim, as the end of a sentence.
        advice: &'static str,
    },
}
