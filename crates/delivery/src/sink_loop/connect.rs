//! Where a session begins.

use kalends_sink::{Checkpoint, Failure, JournalId};

use super::{
    SinkLoop,
    commit_batch::CommitBatch,
    session::{Attempt, Session},
};
use crate::{
    checkpoint::hold::{Cause, WAY_OUT_OF_PUT_BACK},
    checkpoint::put_back::PutBack,
    checkpoint::resume::{Resume, Resumption},
    operator::command::Command,
};

impl SinkLoop {
    /// Asks the destination how far it is, and goes on from there.
    pub(super) fn connect(&mut self) -> Result<Session, Failure> {
        self.not_put_back()?;
        let journal = self.log.id();
        let noted = self.noted()?.map(|note| note.checkpoint);
        if let Some(cause) = self.resumption(noted).noted_beyond()? {
            return Err(self.hold_all(cause));
        }
        self.load_refusals()?;
        let command = self.command()?;
        let committed = self.sink.connect(journal, self.routes.streams())?;
        if let Some(Command::Seek(to)) = command {
            // Wherever it goes on, it would give positions that it has given before.
            if let (Some(_), Ok(Resume::PutBack(cause))) = (committed, self.resumption(noted).from(committed))
            {
                return Err(self.hold_all(cause));
            }
            self.agrees()?;
            return self.seek(to, committed);
        }
        let resume = match committed {
            None if !self.log.former_ids().is_empty() => self.resume_former(journal, noted)?,
            committed => self.resumption(noted).from(committed)?,
        };
        let at = match resume {
            Resume::At(checkpoint) => checkpoint,
            Resume::Begin(checkpoint) => {
                self.sink.commit(checkpoint)?;
                checkpoint
            }
            Resume::Lost { resume, events } => {
                tracing::error!(events, "events were lost to a full journal: this sink is not required");
                self.metrics.lost(events);
                // What is noted below must be what the destination has.
                self.sink.commit(resume)?;
                resume
            }
            Resume::BeginAgain(to) => return Err(self.goes_back(to)),
            Resume::PutBack(cause) => return Err(self.hold_all(cause)),
        };
        self.agrees()?;
        self.session_at(at)
    }

    pub(super) fn session_at(&mut self, at: Checkpoint) -> Result<Session, Failure> {
        self.note(&at)?;
        self.reject_skipped(at.position)?;
        let tidied = self.dead_letters.tidy(self.log.first_kept());
        tidied.map_err(|error| self.cant_note(&error))?;
        self.progress.update(self.index, |delivered| {
            delivered.confirmed = true;
            delivered.goes_back = None;
            delivered.position = at.position;
        });
        let (batch, attempt, pacing) = (CommitBatch::default(), Attempt::default(), self.sink.pacing());
        let dead_letters = Vec::new();
        Ok(Session { at, time: None, batch, attempt, dead_letters, pacing, noted: self.clock.steady() })
    }

    /// Waits for delivery to begin again, which tells what behind this checkpoint is a duplicate.
    fn goes_back(&self, to: Checkpoint) -> Failure {
        self.progress.update(self.index, |delivered| delivered.goes_back = Some(to));
        Failure::retry(format!(
            "the destination was put back to journal position {}, with its records: delivery begins again, and goes on from there",
            to.position
        ))
    }

    fn resumption(&self, noted: Option<Checkpoint>) -> Resumption<'_> {
        Resumption {
            log: &*self.log,
            noted,
            committed: self.passed(),
            printed: self.printed(),
            start: self.start,
            required: self.required,
            catches_up: self.sink.catches_up(),
        }
    }

    /// The journal was adopted, and the destination has seen nothing of it under its present identity.
    fn resume_former(&mut self, journal: JournalId, noted: Option<Checkpoint>) -> Result<Resume, Failure> {
        let former = self.log.former_ids().to_vec();
        for former in former.iter().rev() {
            let found = self.sink.connect(former.id, self.routes.streams())?;
            let Some(found) = found else { continue };
            let resume = self.resumption(noted).behind_former(former, found)?;
            self.sink.connect(journal, self.routes.streams())?;
            if let Resume::Begin(to) = &resume {
                tracing::warn!(
                    sink = self.health.sink(),
                    before = found.position,
                    position = to.position,
                    "goes on under the journal's new identity"
                );
            }
            return Ok(resume);
        }
        self.sink.connect(journal, self.routes.streams())?;
        self.resumption(noted).from(None)
    }

    /// Refuses to deliver under a name that another event was given before, whichever sink has found that out.
    pub(super) fn not_put_back(&self) -> Result<(), Failure> {
        let Some(found) = self.progress.put_back() else { return Ok(()) };
        if found.sink == self.health.sink() {
            return Ok(());
        }
        Err(Failure::hold(format!(
            "an older copy of the journal was put back: sink {} was fed through position {} of another history, and this sink would \
             be given positions under which others had other events; {}",
            found.sink, found.delivered_position, WAY_OUT_OF_PUT_BACK
        )))
    }

    /// Notes that an older copy of the journal was put back, which holds every sink.
    fn hold_all(&mut self, cause: Cause) -> Failure {
        // What this run has delivered is of the history that the destination knows.
        let last_position = self.passed().unwrap_or(self.unconfirmed_since);
        let found = PutBack {
            journal: self.log.id(),
            last_position: last_position.min(self.log.synced().position),
            sink: self.health.sink().to_owned(),
            delivered_position: cause.lost_history().unwrap_or(0),
        };
        if let Err(error) = self.put_back.write(&found) {
            return Failure::retry(format!(
                "can't note that an older copy of the journal was put back: {error}"
            ));
        }
        self.progress.set_put_back(Some(found));
        cause.failure(&*self.log, self.printed())
    }

    /// The destination agrees with the journal. If this sink had found otherwise, the right journal is there again.
    fn agrees(&self) -> Result<(), Failure> {
        let Some(found) = self.progress.put_back() else { return Ok(()) };
        if found.sink != self.health.sink() {
            return Ok(());
        }
        let removed = self.put_back.remove();
        removed.map_err(|error| Failure::retry(format!("can't remove a note of this sink: {error}")))?;
        self.progress.set_put_back(None);
        Ok(())
    }
}
