use std::path::PathBuf;

use kalends_value::Path;

/// What a sink needs for itself: two sinks with equal claims are a fault of the configuration.
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
        /// What it is, for people, such as `` `rokt.calendar.test` of these brokers ``.
        shown: String,
        /// What to do about two sinks with the same, as the end of a sentence.
        advice: &'static str,
    },
}
