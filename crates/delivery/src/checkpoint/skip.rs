use kalends_journal::ShardLog;
use kalends_sink::{Checkpoint, Failure};

use super::seek::{SeekPlan, SeekTarget};

/// The effect of making a dead letter of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SkipPlan {
    /// The last position that the sink was noted to have delivered of this journal; `None` if that is unknown.
    pub delivered: Option<u64>,
    /// The position, and what the journal has there.
    pub at: Checkpoint,
}

impl SkipPlan {
    /// The plan to skip the record at `position` for the sink of which this was noted.
    ///
    /// # Errors
    /// The journal has no such position, or can't be read there.
    pub fn new(log: &dyn ShardLog, noted: Option<Checkpoint>, position: u64) -> Result<Self, Failure> {
        let (first, last) = (log.first_kept().max(1), log.synced().position);
        if position < first || position > last {
            return Err(Failure::hold(format!(
                "the journal has positions {first} to {last}; take one of them"
            )));
        }
        let SeekPlan { delivered, to: at } =
            SeekPlan::new(log, noted, SeekTarget::Position(position.saturating_add(1)))?;
        Ok(Self { delivered, at })
    }

    /// Tells whether the sink has the record already: then nothing can be skipped.
    #[must_use]
    pub fn is_delivered(&self) -> bool {
        self.delivered.is_some_and(|delivered| delivered >= self.at.position)
    }
}
