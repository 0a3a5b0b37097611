//! What an operator wants a sink to do: try again, or go on elsewhere.

use std::io;

use kalends_journal::Chain;
use kalends_sink::{Checkpoint, Failure, JournalId};

use super::{COMMAND_POLL, Session, SinkLoop};
use crate::{Wait, checkpoint::seek::unreadable, operator::command::Command};

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
    ///
    /// Not one to go back behind what this run has passed: which of those positions are duplicates is forgotten until the
    /// scanner reads them again, at the next start.
    pub(super) fn has_command(&mut self) -> bool {
        let command = self.commands.as_ref().and_then(|commands| commands.waiting().ok().flatten());
        if command.is_none() || command == self.deferred {
            return false;
        }
        let passed = self.progress.of(self.index).filter(|delivered| delivered.confirmed);
        let (Some(Command::Seek(to)), Some(passed)) = (command, passed) else { return true };
        if to.position >= passed.position {
            return true;
        }
        tracing::warn!(
            sink = %self.checkpoint_note.sink(), position = to.position,
            "ordered to go back: that is done at the next start, when it is known again which events are duplicates"
        );
        self.deferred = command;
        false
    }

    /// The command that is to be carried out with this connect.
    pub(super) fn command(&mut self) -> Result<Option<Command>, Failure> {
        let Some(commands) = self.commands.clone() else { return Ok(None) };
        let path = commands.path().display().to_string();
        let unusable = |error: io::Error| {
            Failure::hold(format!(
                "the order in {path} can't be followed: {error}; remove it, and give it again"
            ))
        };
        let waiting = commands.waiting().map_err(unusable)?;
        let Some(command) = waiting.filter(|command| Some(*command) != self.deferred) else {
            return Ok(None);
        };
        self.sink.resume();
        if let Command::Seek(_) = command {
            self.sink.do_without_checkpoint();
        }
        if command == Command::Resume {
            // Now or never: done later, it would take over from somebody whom the operator did not think of.
            commands.carried_out(command, None, self.clock.now()).map_err(unusable)?;
        }
        Ok(Some(command))
    }

    /// Goes on where an operator wants it. Dying anywhere in here means that all of it is done again, to the same end.
    pub(super) fn seek(&mut self, to: Checkpoint, before: Option<Checkpoint>) -> Result<Session, Failure> {
        let found = self.log.chain_at(to.position).map_err(|error| unreadable(&error))?;
        let is_of_this_journal = to.journal == JournalId::new(self.log.id());
        if !is_of_this_journal
            || !matches!(found, Chain::Known(chain) if chain == to.chain) && found != Chain::Lost
        {
            return Err(Failure::hold(format!(
                "the order to go on behind position {} does not fit this journal any more: give another \
                 (`kalends sinks seek {} --to WHERE`)",
                to.position,
                self.checkpoint_note.sink()
            )));
        }
        self.sink.commit(to)?;
        let session = self.session_at(to)?;
        tracing::warn!(
            sink = %self.checkpoint_note.sink(),
            before = before.map(|before| before.position),
            position = to.position,
            "goes on where an operator wants it"
        );
        let done = self
            .commands
            .as_ref()
            .map_or(Ok(()), |commands| commands.carried_out(Command::Seek(to), before, self.clock.now()));
        done.map_err(|error| Failure::retry(format!("can't record an operator's order: {error}")))?;
        Ok(session)
    }
}
