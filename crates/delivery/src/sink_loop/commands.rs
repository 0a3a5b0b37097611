//! Orders of an operator to a sink: try again, skip a record, or go on elsewhere.

use std::io;

use kalends_sink::{Checkpoint, Failure};

use super::{COMMAND_POLL, Session, SinkLoop};
use crate::{
    Wait,
    operator::command::{Command, CommandFile},
};

impl SinkLoop {
    /// Looks for a command from time to time.
    pub(super) fn is_command_due(&mut self) -> bool {
        let now = self.clock.steady();
        if now.saturating_duration_since(self.polled_at) < COMMAND_POLL {
            return false;
        }
        self.polled_at = now;
        self.has_command()
    }

    /// Ends a session as a stop would.
    pub(super) fn settle(&mut self, session: &mut Session) -> Result<Wait, Failure> {
        self.commit(session)?;
        self.note(&session.at)?;
        Ok(Wait::No)
    }

    /// Whether a command waits that can be carried out now.
    pub(super) fn has_command(&mut self) -> bool {
        // One that can't be read is told with the next connect.
        self.waiting_command().is_ok_and(|command| command.is_some())
    }

    /// The command that waits and can be carried out now. No other function hands one out.
    ///
    /// Not one to go back behind what this run has passed: which of those positions are duplicates is forgotten until the
    /// scanner reads them again, when delivery begins again.
    fn waiting_command(&mut self) -> io::Result<Option<Command>> {
        let Some(commands) = &self.commands else { return Ok(None) };
        let waiting = commands.waiting()?;
        let (Some(Command::Seek(to)), Some(passed)) = (waiting, self.passed()) else { return Ok(waiting) };
        if to.position >= passed {
            return Ok(waiting);
        }
        if self.deferred != waiting {
            self.deferred = waiting;
            tracing::warn!(
                sink = self.health.sink(),
                position = to.position,
                "ordered to go back: that is done when delivery begins again, with which events are duplicates read from the journal"
            );
        }
        Ok(None)
    }

    /// The command that is to be carried out with this connect.
    pub(super) fn command(&mut self) -> Result<Option<Command>, Failure> {
        let waiting = self.waiting_command().map_err(|error| self.unusable(&error))?;
        let Some(command) = waiting else { return Ok(None) };
        match command {
            Command::Seek(_) => {
                self.sink.resume();
                self.sink.do_without_checkpoint();
            }
            Command::Resume => {
                self.sink.resume();
                // Now or never: done later, it would take over from somebody whom the operator did not think of.
                self.carried_out(command, None).map_err(|error| self.unusable(&error))?;
            }
            Command::Skip(at) => self.skip(at)?,
            Command::DeadLetter => {
                let allowed = self.refusals.dead_letter();
                allowed
                    .and_then(|()| self.carried_out(command, None))
                    .map_err(|error| self.unusable(&error))?;
            }
        }
        Ok(Some(command))
    }

    pub(super) fn carried_out(&self, command: Command, before: Option<Checkpoint>) -> io::Result<()> {
        let Some(commands) = &self.commands else { return Ok(()) };
        commands.carried_out(command, before, self.clock.now())
    }

    pub(super) fn unusable(&self, error: &io::Error) -> Failure {
        let path = self.commands.as_ref().map(CommandFile::place);
        Failure::hold(format!(
            "the order in {} can't be followed: {error}; remove it, and give it again",
            path.unwrap_or_default()
        ))
    }

    /// Goes on where an operator wants it. Dying anywhere in here means that all of it is done again, to the same end.
    pub(super) fn seek(&mut self, to: Checkpoint, before: Option<Checkpoint>) -> Result<Session, Failure> {
        let order = Command::Seek(to);
        if !self.fits(&to)? {
            return Err(Failure::hold(format!(
                "the order to go on behind position {} does not fit this journal any more: give another ({})",
                to.position,
                self.printed().seek("WHERE")
            )));
        }
        let to = Checkpoint { journal: self.log.id(), ..to };
        self.sink.commit(to)?;
        let session = self.session_at(to)?;
        tracing::warn!(
            sink = self.health.sink(),
            before = before.map(|before| before.position),
            position = to.position,
            "goes on where an operator wants it"
        );
        let done = self.carried_out(order, before);
        done.map_err(|error| Failure::retry(format!("can't record an operator's order: {error}")))?;
        Ok(session)
    }
}
