use std::time::Duration;

use kalends_sink::JournalId;

use crate::{claim::Owner, connection::ConnectSettings, kind::Behind};

/// What the sink is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Live delivery: claims its checkpoint and commits it with the rows.
    Delivery,
    /// A replay: writes rows that are missing, passes over those that are there, and has a checkpoint of its own.
    Replay,
}

/// How records get into a database.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The sink's name: with the journal's identity and shard, that of its checkpoint.
    pub sink: String,
    /// The journal's shard that is delivered.
    pub shard: u32,
    /// Where the database is.
    pub connect: ConnectSettings,
    /// The schema that has every table.
    pub schema: String,
    /// Whether the current state of each subscription is kept.
    pub subscriptions: bool,
    /// Whether the view `marketing_allowed` is made: only where addresses are kept as they are.
    pub marketing: bool,
    /// Whether tables, columns and views that are missing are made.
    pub migrate: bool,
    /// Longest time from the first row written to its commit.
    pub commit_every: Duration,
    /// Longest time that a statement may run on the server.
    pub statement_timeout: Duration,
    /// Longest time that a statement which changes the schema may wait for a lock.
    pub lock_timeout: Duration,
    /// What to do about a checkpoint older than noted.
    pub behind: Behind,
    /// What the sink is for.
    pub purpose: Use,
}

impl Settings {
    /// The owner of the checkpoint of a journal.
    pub(crate) fn owner(&self, journal: JournalId) -> Owner {
        Owner { schema: self.schema.clone(), journal, shard: self.shard, sink: self.sink.clone() }
    }
}
