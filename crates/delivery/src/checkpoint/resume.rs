use kalends_journal::{Chain, JournalReader};
use kalends_sink::{Checkpoint, Failure, JournalId};

use super::{
    hold::{Cause, Printed},
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

/// What decides where a sink goes on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts {
    /// The journal that is delivered.
    pub(crate) own: JournalId,
    /// The checkpoint that the destination has.
    pub(crate) destination: Option<Checkpoint>,
    /// The checkpoint that was noted last.
    pub(crate) noted: Option<Checkpoint>,
    /// The position that this run has committed itself.
    pub(crate) committed: Option<u64>,
    /// What the journal has at the destination's checkpoint.
    pub(crate) chain: Chain,
    /// Whether the journal waits for the sink.
    pub(crate) required: bool,
}

/// What the facts mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    /// The sink goes on behind this checkpoint.
    GoOn(Checkpoint),
    /// The destination has never seen this journal: the sink begins where its settings say.
    Begin,
    /// The journal has dropped events behind this position that the sink, which is not required, has not had.
    SkipLost(u64),
    /// Somebody has to act.
    Hold(Cause),
}

/// Decides where a sink goes on. Nothing is asked and nothing is changed.
pub(crate) fn decide(facts: &Facts) -> Decision {
    let known = facts.known();
    let Some(checkpoint) = facts.destination else {
        return match (facts.noted, known) {
            (Some(noted), _) if noted.journal != facts.own => {
                Decision::Hold(Cause::NewJournal(noted.journal))
            }
            (_, Some(known)) => Decision::Hold(Cause::CheckpointGone { known }),
            (_, None) => Decision::Begin,
        };
    };
    let Checkpoint { journal, position, chain, .. } = checkpoint;
    if journal != facts.own {
        return Decision::Hold(Cause::OtherJournal(journal));
    }
    if let Some(known) = known.filter(|known| *known > position) {
        return Decision::Hold(Cause::OlderState { position, known });
    }
    match facts.chain {
        Chain::Known(own) if own == chain => Decision::GoOn(checkpoint),
        // Somebody had the journal repaired: nothing can be compared there, and nothing is wrong with what follows.
        Chain::Lost => Decision::GoOn(checkpoint),
        Chain::Known(_) => Decision::Hold(Cause::OtherHistory { position }),
        Chain::Ahead => Decision::Hold(Cause::OlderJournal { position }),
        Chain::Gone if facts.required => Decision::Hold(Cause::NoLongerKept { position }),
        Chain::Gone => Decision::SkipLost(position),
    }
}

impl Facts {
    /// The highest position that the destination is known to have had of this journal.
    fn known(&self) -> Option<u64> {
        let noted = self.noted.filter(|noted| noted.journal == self.own);
        noted.map(|noted| noted.position).max(self.committed)
    }
}

/// Compares what a destination says with the journal.
pub(crate) struct Resumption<'a> {
    pub(crate) log: &'a JournalReader,
    /// The checkpoint that was noted last.
    pub(crate) noted: Option<Checkpoint>,
    /// The position that this run has committed itself.
    pub(crate) committed: Option<u64>,
    pub(crate) printed: Printed<'a>,
    pub(crate) start: Start,
    pub(crate) required: bool,
}

impl Resumption<'_> {
    /// Where to go on from the destination's checkpoint.
    ///
    /// # Errors
    /// [`Failure::Hold`] when the checkpoint is of another history, of events no longer kept, older than what is known, or gone.
    pub(crate) fn from(&self, destination: Option<Checkpoint>) -> Result<Resume, Failure> {
        let own = JournalId::new(self.log.id());
        let chain = match destination.filter(|checkpoint| checkpoint.journal == own) {
            Some(checkpoint) => self.log.chain_at(checkpoint.position).map_err(|error| unreadable(&error))?,
            None => Chain::Gone,
        };
        let facts = Facts {
            own,
            destination,
            noted: self.noted,
            committed: self.committed,
            chain,
            required: self.required,
        };
        match decide(&facts) {
            Decision::GoOn(checkpoint) => Ok(Resume::At(checkpoint)),
            Decision::Begin => origin(self.log, self.start).map(Resume::Begin),
            Decision::SkipLost(position) => {
                let resume = oldest(self.log)?;
                Ok(Resume::Lost { resume, events: resume.position.saturating_sub(position) })
            }
            Decision::Hold(cause) => Err(cause.failure(self.log, self.printed)),
        }
    }
}

#[cfg(test)]
mod tests;
