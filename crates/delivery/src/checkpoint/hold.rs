use std::fmt::Display;

use kalends_journal::ShardLog;
use kalends_sink::{Failure, JournalId};

/// The way out where an older copy of the journal was put back.
pub(crate) const WAY_OUT_OF_PUT_BACK: &str = "webhooks are received, and no sink delivers, until the right directory is put back, or until this \
     journal has another identity: stop the daemon and run `kalends journal adopt`, which says what that means for each sink";

/// Commands for one sink as messages print them. Whoever tells a message adds the option that names the configuration.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Printed<'a> {
    pub(crate) sink: &'a str,
}

impl Printed<'_> {
    /// The command that has the sink go on elsewhere.
    pub(crate) fn seek(self, to: impl Display) -> String {
        format!("`kalends sinks seek {} --to {to}`", self.sink)
    }

    /// The command that makes dead letters of what is refused again and again.
    pub(crate) fn dead_letter(self) -> String {
        format!("`kalends sinks resume {} --dead-letter`", self.sink)
    }

    /// The command that makes a dead letter of one record.
    pub(crate) fn skip(self, position: u64) -> String {
        format!("`kalends sinks skip {} --at {position}`", self.sink)
    }

    /// The command that takes back an order to skip a record.
    pub(crate) fn cancel_skip(self) -> String {
        format!("`kalends sinks skip {} --cancel`", self.sink)
    }

    /// The command that delivers dead letters again.
    pub(crate) fn replay_dead_letters(self) -> String {
        format!("`kalends replay --sink {} --dead-letters`", self.sink)
    }
}

/// Why a sink can't go on by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The destination was fed from another journal.
    OtherJournal(JournalId),
    /// The destination's checkpoint is of another shard of the journal.
    OtherShard(u32),
    /// The destination's checkpoint is older than one that it is known to have had.
    OlderState { position: u64, known: u64 },
    /// The journal has another frame at the checkpoint.
    OtherHistory { position: u64 },
    /// The journal ends before the checkpoint.
    OlderJournal { position: u64 },
    /// The journal does not have what the sink was noted to have had.
    NotedBeyond { position: u64 },
    /// The journal begins behind the checkpoint.
    NoLongerKept { position: u64 },
    /// The destination has no checkpoint, and the note is of another journal.
    NewJournal(JournalId),
    /// The destination has no checkpoint, and is known to have had one.
    CheckpointGone { known: u64 },
}

impl Cause {
    /// Through which position the sink was fed from a history that this journal does not have, if that is the cause.
    pub(crate) fn lost_history(self) -> Option<u64> {
        match self {
            Self::OtherHistory { position }
            | Self::OlderJournal { position }
            | Self::NotedBeyond { position } => Some(position),
            _ => None,
        }
    }

    /// The hold, with what somebody can do about it.
    pub(crate) fn failure(self, log: &dyn ShardLog, printed: Printed<'_>) -> Failure {
        let own = log.id();
        Failure::hold(match self {
            Self::OtherJournal(journal) => {
                format!("the destination's checkpoint is of journal {journal}, but this journal is {own}")
            }
            Self::OtherShard(shard) => format!(
                "the destination's checkpoint is of shard {shard}, but shard {} is delivered: this is a bug in kalends; please report it",
                log.shard()
            ),
            Self::OlderState { position, known } => format!(
                "the destination's checkpoint is at journal position {position}, but it has been at {known}: an older state of the \
                 destination was put back; put back the newer one, or accept that events are delivered again: {}",
                printed.seek(position + 1)
            ),
            Self::OtherHistory { position } => format!(
                "the journal has another history at position {position} than the destination was fed from: a backup of the \
                 journal was put back, or its directory was copied and both were used; {WAY_OUT_OF_PUT_BACK}"
            ),
            Self::OlderJournal { position } => format!(
                "the destination has events through journal position {position}, but the journal ends at {}: an older copy \
                 of the journal was put back; {WAY_OUT_OF_PUT_BACK}",
                log.synced().position
            ),
            Self::NotedBeyond { position } => format!(
                "the sink was noted to have events through journal position {position} of a history that this journal, which ends \
                 at {}, does not have: an older copy of the journal was put back; {WAY_OUT_OF_PUT_BACK}",
                log.synced().position
            ),
            Self::NoLongerKept { position } => format!(
                "the destination has events through journal position {position}, but the journal keeps only those from {}: \
                 going on skips some; to do so: {}",
                log.first_kept(),
                printed.seek("earliest")
            ),
            Self::NewJournal(noted) => format!(
                "this journal ({own}) is a new one, but the sink was fed from journal {noted}: the journal's directory was \
                 emptied or replaced; put the old one back, or begin with the new one (what only the old one had is then never \
                 delivered): {}",
                printed.seek("earliest")
            ),
            Self::CheckpointGone { known } => format!(
                "the checkpoint is gone from the destination, which had events through journal position {known} or later: \
                 put it back, or say where to go on (from there on events may come again): {}",
                printed.seek(known + 1)
            ),
        })
    }
}
