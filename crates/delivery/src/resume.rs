use kalends_journal::{Chain, Log, Mark, ReadError};
use kalends_sink::{Checkpoint, Failure, JournalId};

use crate::{scan::SHARD, settings::Start, witness::Witness};

/// Where a sink loop goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resume {
    /// Behind its checkpoint.
    At(Checkpoint),
    /// In a journal that its destination has never seen: this checkpoint is to be committed first.
    Begin(Checkpoint),
    /// Behind events that a sink which is not required has lost to a full journal.
    Lost { resume: Checkpoint, events: u64 },
}

/// Compares what a destination says with the journal.
pub(crate) struct Resumption<'a> {
    pub(crate) log: &'a Log,
    /// What was noted of the sink, and where.
    pub(crate) noted: Option<Checkpoint>,
    pub(crate) witness: &'a Witness,
    pub(crate) start: Start,
    pub(crate) required: bool,
}

impl Resumption<'_> {
    /// Where to go on from the destination's checkpoint.
    ///
    /// # Errors
    /// [`Failure::Hold`] when the checkpoint is of another history, of events no longer kept, or gone.
    pub(crate) fn from(&self, committed: Option<Checkpoint>) -> Result<Resume, Failure> {
        match committed {
            Some(checkpoint) => self.behind(checkpoint),
            None => self.begin(),
        }
    }

    fn behind(&self, checkpoint: Checkpoint) -> Result<Resume, Failure> {
        let Checkpoint { journal, position, chain, .. } = checkpoint;
        let own = JournalId::new(self.log.id());
        if journal != own {
            return Err(Failure::hold(format!(
                "the destination's checkpoint is of journal {journal}, but this journal is {own}"
            )));
        }
        let noted = self.noted.filter(|noted| noted.journal == own);
        if let Some(noted) = noted.filter(|noted| noted.position > position) {
            return Err(Failure::hold(format!(
                "the destination's checkpoint is at journal position {position}, but it has been at {}: an older state of the \
                 destination was put back; put back the newer one, or remove {} to accept that events are delivered again",
                noted.position,
                self.witness.path().display()
            )));
        }
        match self.log.chain_at(position).map_err(|error| unreadable(&error))? {
            Chain::Known(known) if known == chain => Ok(Resume::At(checkpoint)),
            // Somebody had the journal repaired: nothing can be compared there, and nothing is wrong with what follows.
            Chain::Lost => Ok(Resume::At(checkpoint)),
            Chain::Known(_) => Err(Failure::hold(format!(
                "the journal has another history at position {position} than the destination was fed from: a backup of the \
                 journal was put back, or its directory was copied and both were used; put back the right directory"
            ))),
            Chain::Ahead => Err(Failure::hold(format!(
                "the destination has events through journal position {position}, but the journal ends at {}: an older copy \
                 of the journal was put back; put back the right directory",
                self.log.synced().position
            ))),
            Chain::Gone if self.required => Err(Failure::hold(format!(
                "the destination has events through journal position {position}, but the journal keeps only those from {}: \
                 going on would skip some",
                self.log.first_kept()
            ))),
            Chain::Gone => {
                let resume = self.oldest()?;
                Ok(Resume::Lost { resume, events: resume.position.saturating_sub(position) })
            }
        }
    }

    fn begin(&self) -> Result<Resume, Failure> {
        let own = JournalId::new(self.log.id());
        if let Some(checkpoint) = self.noted {
            if checkpoint.journal != own {
                return Err(Failure::hold(format!(
                    "this journal ({own}) is a new one, but the sink was fed from journal {}: the journal's directory was emptied \
                     or replaced; put the old one back, or remove {} to begin with the new one (what only the old one \
                     had is then never delivered)",
                    checkpoint.journal,
                    self.witness.path().display()
                )));
            }
            return Err(Failure::hold(format!(
                "the checkpoint is gone from the destination, which had events through journal position {} or later: \
                 put it back, or remove {} to begin anew where `start` says (events that were delivered and are still in the \
                 journal may then be delivered again)",
                checkpoint.position,
                self.witness.path().display()
            )));
        }
        Ok(Resume::Begin(match self.start {
            Start::Earliest => self.oldest()?,
            Start::Latest => self.checkpoint(self.log.synced()),
            Start::Time(time) => {
                self.checkpoint(self.log.mark_before(time).map_err(|error| unreadable(&error))?)
            }
        }))
    }

    fn oldest(&self) -> Result<Checkpoint, Failure> {
        let position = self.log.first_kept().saturating_sub(1);
        match self.log.chain_at(position).map_err(|error| unreadable(&error))? {
            Chain::Known(chain) => Ok(self.checkpoint(Mark { position, chain, time: 0 })),
            Chain::Lost => Ok(self.checkpoint(Mark { position, chain: 0, time: 0 })),
            Chain::Ahead | Chain::Gone => Err(Failure::retry("the oldest events have just been removed")),
        }
    }

    fn checkpoint(&self, mark: Mark) -> Checkpoint {
        Checkpoint {
            journal: JournalId::new(self.log.id()),
            shard: SHARD,
            position: mark.position,
            chain: mark.chain,
        }
    }
}

fn unreadable(error: &ReadError) -> Failure {
    Failure::hold(format!("can't compare the checkpoint with the journal: {error}"))
}
