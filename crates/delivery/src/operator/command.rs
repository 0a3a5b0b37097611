use std::{
    io,
    path::{Path, PathBuf},
};

use kalends_sink::Checkpoint;
use serde::{Deserialize, Serialize};

/// What an operator wants of a sink.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Try again now; take over again from whoever has taken over.
    Resume,
    /// Go on behind this position, whatever the destination's checkpoint says.
    Seek(Checkpoint),
}

/// Where a command for one sink waits, beside the journal, until the daemon that owns the journal carries it out.
///
/// A file, so that whoever may write the journal may give commands and nobody else, whether the daemon runs or not.
#[derive(Debug, Clone)]
pub struct CommandFile {
    path: PathBuf,
    record: PathBuf,
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
    /// The commands for this sink of the delivery whose notes are in `state_directory`.
    #[must_use]
    pub fn new(state_directory: &Path, sink: &str) -> Self {
        Self {
            path: state_directory.join(format!("{sink}.order.json")),
            record: state_directory.join(format!("{sink}.decisions.jsonl")),
        }
    }

    /// Gives a command in place of one that may wait. Durable when this returns.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn give(&self, command: &Command) -> io::Result<()> {
        kalends_note::replace_json(&self.path, command)
    }

    /// The command that waits, if one does.
    ///
    /// # Errors
    /// The file can't be read as a command.
    pub fn waiting(&self) -> io::Result<Option<Command>> {
        kalends_note::read_json(&self.path)
    }

    /// Takes a command back, unless another waits by now.
    ///
    /// # Errors
    /// The file can't be read or removed.
    pub fn withdraw(&self, command: &Command) -> io::Result<()> {
        if self.waiting()?.as_ref() == Some(command) { kalends_note::remove(&self.path) } else { Ok(()) }
    }

    /// Where commands wait.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Records that a command was carried out at `now`, and forgets it.
    pub(crate) fn carried_out(
        &self,
        command: Command,
        before: Option<Checkpoint>,
        now: i64,
    ) -> io::Result<()> {
        let decision = Decision { carried_out_at: now, order: command, before };
        kalends_note::append(&self.record, format!("{}\n", serde_json::to_string(&decision)?).as_bytes())?;
        kalends_note::remove(&self.path)
    }
}

#[cfg(test)]
mod tests {
    use kalends_sink::JournalId;

    use super::*;

    #[test]
    fn an_order_waits_until_it_is_carried_out_and_then_is_on_record() {
        let directory = tempfile::tempdir().unwrap();
        let commands = CommandFile::new(&directory.path().join("sinks"), "kafka");
        assert_eq!(commands.waiting().unwrap(), None);
        let to = Checkpoint { journal: JournalId::new([7; 16]), shard: 0, position: 3, chain: 9 };
        commands.give(&Command::Seek(to)).unwrap();
        commands.withdraw(&Command::Resume).unwrap();
        assert_eq!(commands.waiting().unwrap(), Some(Command::Seek(to)), "somebody else's order stays");
        commands.carried_out(Command::Seek(to), None, 5).unwrap();
        assert_eq!(commands.waiting().unwrap(), None);
        let record = std::fs::read_to_string(directory.path().join("sinks/kafka.decisions.jsonl")).unwrap();
        assert!(record.contains("\"carried_out_at\":5") && record.contains("\"position\":3"), "{record}");
    }
}
