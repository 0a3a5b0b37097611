use std::path::{Path, PathBuf};

use super::SharedMetrics;
use crate::{JournalId, ShardId};

/// Facts about the process that a sink gets beside its settings.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The sink's name in the configuration.
    pub name: &'a str,
    /// The replay that the sink is for; `None` for live delivery.
    pub replay: Option<&'a str>,
    /// The shard of the journal that is delivered. Whatever names an owner at the destination has it in its name.
    pub shard: ShardId,
    /// The journal, where there is one.
    pub journal: Option<JournalId>,
    /// Metrics of this process.
    pub metrics: &'a SharedMetrics,
    /// The directory of durable notes; `None` where nothing may be kept.
    pub notes: Option<&'a Path>,
    /// The machine's time, in microseconds since the Unix epoch.
    pub now: i64,
    /// Size in bytes of the largest body that may come.
    pub max_body: u64,
    /// Fields of any record type whose values the sink's privacy may change.
    pub altered: &'a [String],
}

impl<'a> Context<'a> {
    /// The context of a sink of this name that only says something of itself: no journal, no notes, no time, no replay.
    #[must_use]
    pub const fn new(name: &'a str, metrics: &'a SharedMetrics) -> Self {
        Self {
            name,
            replay: None,
            shard: ShardId::FIRST,
            journal: None,
            metrics,
            notes: None,
            now: 0,
            max_body: 0,
            altered: &[],
        }
    }
}

impl Context<'_> {
    /// The sink's identity at its destination: of a replay another than of live delivery, and one that no sink of a configuration
    /// can have.
    #[must_use]
    pub fn identity(&self) -> String {
        self.replay.map_or_else(|| self.name.to_owned(), |id| format!("{}-replay-{id}", self.name))
    }

    /// The file of a note that a replay has for itself, as live delivery has its own: such as of how far it has got.
    #[must_use]
    pub fn own_note(&self, what: &str) -> Option<PathBuf> {
        Some(self.notes?.join(format!("{}.{what}", self.shard.qualify(&self.identity()))))
    }

    /// The file of a note of this sink, such as `schema-ids`. Of a replay nothing is kept.
    #[must_use]
    pub fn note(&self, what: &str) -> Option<PathBuf> {
        let notes = self.notes.filter(|_| self.replay.is_none())?;
        Some(notes.join(format!("{}.{what}", self.shard.qualify(self.name))))
    }
}

/// A sink can't be made of its settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BuildError {
    /// The fault and its remedy, without any secret.
    pub message: String,
}

impl BuildError {
    /// The error of another crate.
    pub fn new(error: impl std::fmt::Display) -> Self {
        Self { message: error.to_string() }
    }
}
