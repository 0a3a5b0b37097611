use std::io;

use kalends_journal::{Chain, LogPosition, ReadError, ShardLog, SinkNotes};
use kalends_sink::{Checkpoint, Failure};

use super::{checkpoint_note::CheckpointNote, received::position_before_received};
use crate::journal_ids::is_of;

/// Where a sink starts in a journal that it has never seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// At the oldest event that is kept.
    Earliest,
    /// Behind the newest event that is stored when the sink first connects.
    Latest,
    /// At the first event received at or after this time, in microseconds since the Unix epoch.
    Time(i64),
    /// Behind this position.
    Behind(u64),
}

/// Where an operator wants a sink to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeekTarget {
    /// As a sink would start in a journal that it has never seen.
    Start(Start),
    /// With the event at this position.
    Position(u64),
}

/// The effect of a seek on a sink.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeekPlan {
    /// The last position that the sink was noted to have delivered of this journal; `None` if that is unknown.
    pub delivered: Option<u64>,
    /// The sink's checkpoint after the seek.
    pub to: Checkpoint,
}

impl SeekPlan {
    /// The plan to go on at `target` for the sink of which this was noted.
    ///
    /// # Errors
    /// The journal has no such position, or can't be read there.
    pub fn new(log: &dyn ShardLog, noted: Option<Checkpoint>, target: SeekTarget) -> Result<Self, Failure> {
        let delivered = noted.filter(|noted| is_of(log, noted)).map(|noted| noted.position);
        let to = match target {
            SeekTarget::Start(start) => origin(log, start)?,
            SeekTarget::Position(position) => behind(log, position.saturating_sub(1))?,
        };
        Ok(Self { delivered, to })
    }

    /// The first and last position that the sink has not had and would never get.
    #[must_use]
    pub fn skipped(&self) -> Option<(u64, u64)> {
        let from = self.delivered.unwrap_or(0);
        (self.to.position > from).then_some((from + 1, self.to.position))
    }

    /// The first and last position that the sink has had and would get again.
    #[must_use]
    pub fn repeated(&self) -> Option<(u64, u64)> {
        let through = self.delivered?;
        (self.to.position < through).then_some((self.to.position + 1, through))
    }
}

/// What was noted of a sink: roughly its last checkpoint, exactly so after an orderly stop.
///
/// # Errors
/// The note can't be read.
pub fn noted_checkpoint(notes: &SinkNotes) -> io::Result<Option<Checkpoint>> {
    Ok(CheckpointNote::new(Some(notes)).read()?.map(|note| note.checkpoint))
}

/// The checkpoint of a sink that has yet to start.
pub(crate) fn origin(log: &dyn ShardLog, start: Start) -> Result<Checkpoint, Failure> {
    Ok(match start {
        Start::Earliest => oldest(log)?,
        Start::Latest => checkpoint(log, log.last_frame()),
        Start::Time(time) => behind(log, position_before_received(log, time)?)?,
        Start::Behind(position) => behind(log, position)?,
    })
}

/// The checkpoint right before the oldest event that is kept.
pub(crate) fn oldest(log: &dyn ShardLog) -> Result<Checkpoint, Failure> {
    let position = log.first_kept().saturating_sub(1);
    match log.chain_at(position).map_err(|error| unreadable(&error))? {
        Chain::Known(chain) => Ok(checkpoint(log, LogPosition { position, chain, time: 0 })),
        Chain::Lost => Ok(checkpoint(log, LogPosition { position, chain: 0, time: 0 })),
        Chain::Ahead | Chain::Gone => Err(Failure::retry("the oldest events have just been removed")),
    }
}

fn behind(log: &dyn ShardLog, position: u64) -> Result<Checkpoint, Failure> {
    match log.chain_at(position).map_err(|error| unreadable(&error))? {
        Chain::Known(chain) => Ok(checkpoint(log, LogPosition { position, chain, time: 0 })),
        Chain::Lost => Ok(checkpoint(log, LogPosition { position, chain: 0, time: 0 })),
        Chain::Ahead | Chain::Gone => Err(Failure::hold(format!(
            "the journal has positions {} to {}; take one of them or the one behind, earliest, latest or a time",
            log.first_kept(),
            log.synced().position
        ))),
    }
}

fn checkpoint(log: &dyn ShardLog, mark: LogPosition) -> Checkpoint {
    Checkpoint { journal: log.id(), shard: log.shard().number(), position: mark.position, chain: mark.chain }
}

pub(crate) fn unreadable(error: &ReadError) -> Failure {
    Failure::hold(format!("can't compare the checkpoint with the journal: {error}"))
}

#[cfg(test)]
mod tests {
    use kalends_sink::JournalId;

    use super::*;

    fn plan(delivered: Option<u64>, position: u64) -> SeekPlan {
        SeekPlan {
            delivered,
            to: Checkpoint { journal: JournalId::new([1; 16]), shard: 0, position, chain: 0 },
        }
    }

    #[test]
    fn what_is_skipped_and_what_comes_again_is_told() {
        assert_eq!(plan(Some(5), 9).skipped(), Some((6, 9)));
        assert_eq!(plan(Some(5), 9).repeated(), None);
        assert_eq!(plan(Some(5), 2).repeated(), Some((3, 5)));
        assert_eq!(plan(Some(5), 2).skipped(), None);
        assert_eq!((plan(Some(5), 5).skipped(), plan(Some(5), 5).repeated()), (None, None));
        assert_eq!((plan(None, 3).skipped(), plan(None, 3).repeated()), (Some((1, 3)), None));
    }
}
