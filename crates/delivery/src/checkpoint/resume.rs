use kalends_journal::{Chain, JournalReader};
use kalends_sink::{Checkpoint, Failure, JournalId};

use crate::checkpoint::{
    checkpoint_note::CheckpointNote,
    seek::{Start, oldest, origin, unreadable},
};

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
    pub(crate) log: &'a JournalReader,
    /// What was noted of the sink, and where.
    pub(crate) noted: Option<Checkpoint>,
    pub(crate) checkpoint_note: &'a CheckpointNote,
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
                 destination was put back; put back the newer one, or accept that events are delivered again: `kalends sinks seek {} --to {} --yes`",
                noted.position,
                self.checkpoint_note.sink(),
                position + 1
            )));
        }
        match self.log.chain_at(position).map_err(|error| unreadable(&error))? {
            Chain::Known(known) if known == chain => Ok(Resume::At(checkpoint)),
            // Somebody had the journal repaired: nothing can be compared there, and nothing is wrong with what follows.
            Chain::Lost => Ok(Resume::At(checkpoint)),
            Chain::Known(_) => Err(Failure::hold(format!(
                "the journal has another history at position {position} than the destination was fed from: a backup of the \
                 journal was put back, or its directory was copied and both were used; put back the right directory, or choose where to go on: \
                 `kalends sinks seek {} --to WHERE`",
                self.checkpoint_note.sink()
            ))),
            Chain::Ahead => Err(Failure::hold(format!(
                "the destination has events through journal position {position}, but the journal ends at {}: an older copy \
                 of the journal was put back; put back the right directory, or choose where to go on: `kalends sinks seek {} --to WHERE`",
                self.log.synced().position,
                self.checkpoint_note.sink()
            ))),
            Chain::Gone if self.required => Err(Failure::hold(format!(
                "the destination has events through journal position {position}, but the journal keeps only those from {}: \
                 going on skips some; to do so: `kalends sinks seek {} --to earliest --yes`",
                self.log.first_kept(),
                self.checkpoint_note.sink()
            ))),
            Chain::Gone => {
                let resume = oldest(self.log)?;
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
                     or replaced; put the old one back, or begin with the new one (what only the old one had is then never \
                     delivered): `kalends sinks seek {} --to earliest --yes`",
                    checkpoint.journal,
                    self.checkpoint_note.sink()
                )));
            }
            return Err(Failure::hold(format!(
                "the checkpoint is gone from the destination, which had events through journal position {} or later: \
                 put it back, or say where to go on (from there on events may come again): `kalends sinks seek {} --to {} --yes`",
                checkpoint.position,
                self.checkpoint_note.sink(),
                checkpoint.position + 1
            )));
        }
        origin(self.log, self.start).map(Resume::Begin)
    }
}
