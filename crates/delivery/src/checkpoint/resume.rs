use kalends_journal::{Chain, FormerIdentity, ShardLog};
use kalends_sink::{Checkpoint, Failure, JournalId};

use super::{
    hold::{Cause, Printed},
    seek::{Start, oldest, origin, unreadable},
};
use crate::journal_ids::is_former;

/// Where a sink loop goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resume {
    /// Behind its checkpoint.
    At(Checkpoint),
    /// In a journal that its destination has never seen: this checkpoint is to be committed first.
    Begin(Checkpoint),
    /// Behind events that a sink which is not required has lost to a full journal.
    Lost { resume: Checkpoint, events: u64 },
    /// The place behind this checkpoint, once delivery has begun again.
    BeginAgain(Checkpoint),
    /// Not at all: the sink was fed from another history of this journal.
    PutBack(Cause),
}

/// The facts that decide where a sink goes on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts {
    /// The journal that is delivered.
    pub(crate) own: JournalId,
    /// The number of its shard that is delivered.
    pub(crate) shard: u32,
    /// The checkpoint that the destination has.
    pub(crate) destination: Option<Checkpoint>,
    /// The checkpoint that was noted last.
    pub(crate) noted: Option<Checkpoint>,
    /// The position that this run has committed itself.
    pub(crate) committed: Option<u64>,
    /// The journal's frame at the destination's checkpoint.
    pub(crate) chain: Chain,
    /// Whether the journal waits for the sink.
    pub(crate) required: bool,
    /// Whether the destination's records and checkpoint can only go back together.
    pub(crate) catches_up: bool,
}

/// The decision that the facts lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    /// The sink goes on behind this checkpoint.
    GoOn(Checkpoint),
    /// The destination has never seen this journal: the sink begins where its settings say.
    Begin,
    /// The journal has dropped events behind this position that the sink, which is not required, has not had.
    SkipLost(u64),
    /// The destination went back behind what this run has passed: delivery begins again, and then the sink goes on behind this
    /// checkpoint.
    BeginAgain(Checkpoint),
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
    let Checkpoint { journal, shard, position, chain } = checkpoint;
    if journal != facts.own {
        return Decision::Hold(Cause::OtherJournal(journal));
    }
    if shard != facts.shard {
        return Decision::Hold(Cause::OtherShard(shard));
    }
    // Another history comes first: in that, nothing can be said of what is older.
    match facts.chain {
        Chain::Known(own) if own != chain => return Decision::Hold(Cause::OtherHistory { position }),
        Chain::Ahead => return Decision::Hold(Cause::OlderJournal { position }),
        Chain::Known(_) | Chain::Lost | Chain::Gone => {}
    }
    if let Some(known) = known.filter(|known| *known > position && !facts.catches_up) {
        return Decision::Hold(Cause::OlderState { position, known });
    }
    match facts.chain {
        Chain::Gone if facts.required => Decision::Hold(Cause::NoLongerKept { position }),
        // Of what this run has passed it has forgotten the duplicates: only a new one may read it again.
        _ if facts.committed.is_some_and(|passed| passed > position) => Decision::BeginAgain(checkpoint),
        // Where somebody had the journal repaired, nothing can be compared, and nothing is wrong with what follows.
        Chain::Known(_) | Chain::Lost | Chain::Ahead => Decision::GoOn(checkpoint),
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
    pub(crate) log: &'a dyn ShardLog,
    /// The checkpoint that was noted last.
    pub(crate) noted: Option<Checkpoint>,
    /// The position that this run has committed itself.
    pub(crate) committed: Option<u64>,
    pub(crate) printed: Printed<'a>,
    pub(crate) start: Start,
    pub(crate) required: bool,
    /// Whether the destination's records and checkpoint can only go back together.
    pub(crate) catches_up: bool,
}

impl Resumption<'_> {
    /// Where to go on from the destination's checkpoint.
    ///
    /// # Errors
    /// [`Failure::Hold`] when the checkpoint is of another history, of events no longer kept, older than what is known, or gone.
    pub(crate) fn from(&self, destination: Option<Checkpoint>) -> Result<Resume, Failure> {
        let own = self.log.id();
        let chain = match destination.filter(|checkpoint| checkpoint.journal == own) {
            Some(checkpoint) => self.chain_at(checkpoint.position)?,
            None => Chain::Gone,
        };
        let facts = Facts {
            own,
            shard: self.log.shard().number(),
            destination,
            // A destination that has lost its checkpoint had one under the identity that the journal had.
            noted: if destination.is_none() {
                self.noted.map(|noted| self.as_own(noted))
            } else {
                self.noted
            },
            committed: self.committed,
            chain,
            required: self.required,
            catches_up: self.catches_up,
        };
        match decide(&facts) {
            Decision::GoOn(checkpoint) => Ok(Resume::At(checkpoint)),
            Decision::Begin => origin(self.log, self.start).map(Resume::Begin),
            Decision::SkipLost(position) => self.gone(position),
            Decision::BeginAgain(checkpoint) => Ok(Resume::BeginAgain(checkpoint)),
            Decision::Hold(cause) if cause.lost_history().is_some() => Ok(Resume::PutBack(cause)),
            Decision::Hold(cause) => Err(cause.failure(self.log, self.printed)),
        }
    }

    /// What the note alone shows, before the destination is asked: that the sink has had what this journal doesn't have.
    ///
    /// # Errors
    /// [`Failure::Hold`] when the journal can't be read there.
    pub(crate) fn noted_beyond(&self) -> Result<Option<Cause>, Failure> {
        let own = self.log.id();
        let Some(noted) = self.noted.filter(|noted| noted.journal == own) else { return Ok(None) };
        let is_beyond = match self.chain_at(noted.position)? {
            Chain::Known(chain) => chain != noted.chain,
            Chain::Ahead => true,
            Chain::Gone | Chain::Lost => false,
        };
        Ok(is_beyond.then_some(Cause::NotedBeyond { position: noted.position }))
    }

    /// Where to go on from a checkpoint under an identity that the journal had before it was adopted.
    ///
    /// # Errors
    /// [`Failure::Hold`] when the destination was put back to an older state, or its next events are no longer kept.
    pub(crate) fn behind_former(
        &self,
        former: &FormerIdentity,
        found: Checkpoint,
    ) -> Result<Resume, Failure> {
        let position = match self.chain_at(found.position)? {
            Chain::Known(chain) if chain == found.chain => {
                self.not_older(found)?;
                found.position
            }
            Chain::Lost => found.position,
            Chain::Gone => return self.gone(found.position),
            // What the destination has beyond is of the history that was lost.
            Chain::Known(_) | Chain::Ahead => self.noted_within(former)?.max(former.last_position),
        };
        let own = |chain| Checkpoint { journal: self.log.id(), position, chain, ..found };
        match self.chain_at(position)? {
            Chain::Known(chain) => Ok(Resume::Begin(own(chain))),
            Chain::Lost => Ok(Resume::Begin(own(0))),
            Chain::Gone | Chain::Ahead => self.gone(position),
        }
    }

    /// How far the sink was noted to be along this journal's own history, under a former identity; 0 where that is not known.
    fn noted_within(&self, former: &FormerIdentity) -> Result<u64, Failure> {
        let noted = self.noted.filter(|noted| noted.journal == former.id);
        let Some(noted) = noted else { return Ok(0) };
        let agrees = self.chain_at(noted.position)? == Chain::Known(noted.chain);
        Ok(if agrees { noted.position } else { 0 })
    }

    fn not_older(&self, found: Checkpoint) -> Result<(), Failure> {
        let noted = self.noted.filter(|noted| noted.journal == found.journal);
        let Some(noted) = noted.filter(|noted| noted.position > found.position) else { return Ok(()) };
        let cause = Cause::OlderState { position: found.position, known: noted.position };
        Err(cause.failure(self.log, self.printed))
    }

    fn gone(&self, position: u64) -> Result<Resume, Failure> {
        if self.required {
            return Err(Cause::NoLongerKept { position }.failure(self.log, self.printed));
        }
        let resume = oldest(self.log)?;
        Ok(Resume::Lost { resume, events: resume.position.saturating_sub(position) })
    }

    /// A checkpoint of a former identity as one of the present one, as far as the journal goes.
    fn as_own(&self, noted: Checkpoint) -> Checkpoint {
        if !is_former(self.log, &noted) {
            return noted;
        }
        let position = noted.position.min(self.log.synced().position);
        Checkpoint { journal: self.log.id(), position, ..noted }
    }

    fn chain_at(&self, position: u64) -> Result<Chain, Failure> {
        self.log.chain_at(position).map_err(|error| unreadable(&error))
    }
}

#[cfg(test)]
mod tests;
