use std::io;

use kalends_journal::{Note, SinkNotes};
use kalends_sink::Checkpoint;
use serde::{Deserialize, Serialize};

/// What an operator wants of a sink.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Try again now; take over again from whoever has taken over.
    Resume,
    /// Make dead letters of the records whose refusals are a hold.
    DeadLetter,
    /// Make a dead letter of the record at this position.
    Skip(Checkpoint),
    /// Go on behind this position, whatever the destination's checkpoint says.
    Seek(Checkpoint),
}

/// Where a command for one sink waits, beside the journal, until the daemon that owns the journal carries it out.
///
/// A note, so that whoever may write the journal's notes may give commands and nobody else, whether the daemon runs or not.
#[derive(Debug, Clone)]
pub struct CommandFile {
    command: Note,
    record: Note,
}

/// One line of the record of what operators have decided.
#[derive(Serialize)]
struct Decision {
    /// Microseconds since the Unix epoch.
    carried_out_at: i64,
    order: Command,
    /// What the destination's checkpoint was before.
    before: Option<Checkpoint>,
}

impl CommandFile {
    /// The commands for the sink that these notes are of.
    #[must_use]
    pub fn new(notes: &SinkNotes) -> Self {
        Self { command: notes.note("order.json"), record: notes.note("decisions.jsonl") }
    }

    /// Gives a command in place of one that may wait. Durable when this returns.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn give(&self, command: &Command) -> io::Result<()> {
        let _turn = self.command.lock()?;
        self.command.replace_json(command)
    }

    /// The command that waits, if one does.
    ///
    /// # Errors
    /// The file can't be read as a command.
    pub fn waiting(&self) -> io::Result<Option<Command>> {
        self.command.read_json()
    }

    /// Takes a command back, unless another waits by now.
    ///
    /// # Errors
    /// The file can't be read or removed.
    pub fn withdraw(&self, command: &Command) -> io::Result<()> {
        let _turn = self.command.lock()?;
        if self.waiting()?.as_ref() == Some(command) { self.command.remove() } else { Ok(()) }
    }

    /// Where commands wait.
    #[must_use]
    pub fn place(&self) -> String {
        self.command.place()
    }

    /// Records that a command was carried out at `now`, and removes it; one that was given meanwhile stays.
    pub(crate) fn carried_out(
        &self,
        command: Command,
        before: Option<Checkpoint>,
        now: i64,
    ) -> io::Result<()> {
        let decision = Decision { carried_out_at: now, order: command, before };
        // A line that a crash has torn must not take this one with it.
        let torn = self.record.read()?.is_some_and(|bytes| bytes.last().is_some_and(|last| *last != b'\n'));
        let begin = if torn { "\n" } else { "" };
        let line = format!("{begin}{}\n", serde_json::to_string(&decision)?);
        self.record.append(line.as_bytes())?;
        self.withdraw(&command)
    }

    /// How many commands were carried out so far, for [`CommandFile::was_carried_out`].
    ///
    /// # Errors
    /// The record can't be read.
    pub fn carried_out_so_far(&self) -> io::Result<usize> {
        self.decisions().map(|decisions| decisions.len())
    }

    /// Whether `command` was carried out behind the first `so_far` commands.
    ///
    /// # Errors
    /// The record can't be read.
    pub fn was_carried_out(&self, command: &Command, so_far: usize) -> io::Result<bool> {
        Ok(self.decisions()?.iter().skip(so_far).any(|decision| decision.as_ref() == Some(command)))
    }

    /// The positions whose records an operator has skipped since the sink was last sent elsewhere, in the order of the commands.
    ///
    /// # Errors
    /// The record can't be read.
    pub fn skips(&self) -> io::Result<Vec<Checkpoint>> {
        let mut skips = Vec::new();
        for decision in self.decisions()?.into_iter().flatten() {
            match decision {
                Command::Skip(at) => skips.push(at),
                Command::Seek(_) => skips.clear(),
                Command::Resume | Command::DeadLetter => {}
            }
        }
        Ok(skips)
    }

    /// The commands on record, one a line; `None` for a line that a crash has torn.
    fn decisions(&self) -> io::Result<Vec<Option<Command>>> {
        #[derive(Deserialize)]
        struct Line {
            order: Command,
        }
        let bytes = self.record.read()?.unwrap_or_default();
        let whole = bytes.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
        Ok(whole.map(|line| serde_json::from_slice::<Line>(line).ok().map(|line| line.order)).collect())
    }
}

#[cfg(test)]
mod tests {
    use kalends_sink::JournalId;

    use super::*;
    use crate::tests::notes;

    #[test]
    fn an_order_waits_until_it_is_carried_out_and_then_is_on_record() {
        let directory = tempfile::tempdir().unwrap();
        let commands = CommandFile::new(&notes(&directory.path().join("sinks"), "kafka"));
        assert_eq!(commands.waiting().unwrap(), None);
        let to = Checkpoint { journal: JournalId::new([7; 16]), shard: 0, position: 3, chain: 9 };
        commands.give(&Command::Seek(to)).unwrap();
        commands.withdraw(&Command::Resume).unwrap();
        assert_eq!(commands.waiting().unwrap(), Some(Command::Seek(to)), "somebody else's order stays");
        assert!(!commands.was_carried_out(&Command::Seek(to), 0).unwrap());
        commands.carried_out(Command::Seek(to), None, 5).unwrap();
        assert_eq!(commands.waiting().unwrap(), None);
        assert!(commands.was_carried_out(&Command::Seek(to), 0).unwrap());
        let so_far = commands.carried_out_so_far().unwrap();
        assert!(!commands.was_carried_out(&Command::Seek(to), so_far).unwrap());
        let record = std::fs::read_to_string(directory.path().join("sinks/kafka.decisions.jsonl")).unwrap();
        assert!(record.contains("\"carried_out_at\":5") && record.contains("\"position\":3"), "{record}");
    }

    #[test]
    fn a_command_given_while_another_is_carried_out_stays() {
        let directory = tempfile::tempdir().unwrap();
        let commands = CommandFile::new(&notes(directory.path(), "kafka"));
        let seek = |position| {
            let journal = JournalId::new([7; 16]);
            Command::Seek(Checkpoint { journal, shard: 0, position, chain: 9 })
        };
        commands.give(&seek(3)).unwrap();
        commands.give(&seek(4)).unwrap();
        commands.carried_out(seek(3), None, 5).unwrap();
        assert_eq!(commands.waiting().unwrap(), Some(seek(4)));
        assert!(!commands.was_carried_out(&seek(4), 0).unwrap());
    }
}
