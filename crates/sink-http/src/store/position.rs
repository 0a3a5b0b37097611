//! The sink's position, and the events of a round that are in doubt: a note that is replaced as a whole.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::PathBuf,
};

use kalends_sink::{Checkpoint, JournalId};
use serde::{Deserialize, Serialize};

/// Version of the note's format.
const VERSION: u32 = 1;

/// The note of one journal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Position {
    /// The checkpoint through which everything is done with; `None` before the first commit.
    #[serde(default)]
    pub(crate) checkpoint: Option<Checkpoint>,
    /// Positions behind it that are answered already.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) answered: BTreeSet<u64>,
    /// The round that is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) round: Option<Round>,
}

/// Requests that are about to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Round {
    pub(crate) items: Vec<RoundItem>,
}

/// An event of a round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RoundItem {
    pub(crate) position: u64,
    /// The record type.
    pub(crate) record: String,
    /// A hash of what is sent, so that a change of the configuration in the middle is found.
    pub(crate) hash: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct Written {
    version: u32,
    journals: BTreeMap<String, Position>,
}

/// The note of one sink. Without a path nothing is kept, as in a replay.
#[derive(Debug)]
pub(crate) struct PositionNote {
    path: Option<PathBuf>,
    journals: BTreeMap<String, Position>,
}

impl PositionNote {
    pub(crate) fn new(path: Option<PathBuf>) -> Self {
        Self { path, journals: BTreeMap::new() }
    }

    /// Reads it.
    ///
    /// # Errors
    /// The note can't be read, or is something else.
    pub(crate) fn load(&mut self) -> io::Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        self.journals = match kalends_note::read_json::<Written>(path)? {
            None => BTreeMap::new(),
            Some(written) if written.version == VERSION => written.journals,
            Some(written) => {
                return Err(io::Error::other(format!(
                    "version {} of the note is not known here: run the release that wrote it, or a newer one",
                    written.version
                )));
            }
        };
        Ok(())
    }

    /// Moves a note that can't be read out of the way.
    ///
    /// # Errors
    /// The note can't be moved.
    pub(crate) fn set_aside(&mut self) -> io::Result<()> {
        self.journals.clear();
        let Some(path) = &self.path else { return Ok(()) };
        let mut aside = path.clone().into_os_string();
        aside.push(".damaged");
        match std::fs::rename(path, aside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// The note's place, for messages.
    pub(crate) fn shown(&self) -> String {
        self.path.as_ref().map(|path| path.display().to_string()).unwrap_or_default()
    }

    pub(crate) fn of(&self, journal: JournalId) -> Position {
        self.journals.get(&journal.to_string()).cloned().unwrap_or_default()
    }

    /// Has `position` stand there. Durable when this returns.
    ///
    /// # Errors
    /// The note can't be written; then the one before stands, or it is not known which.
    pub(crate) fn write(&mut self, journal: JournalId, position: Position) -> io::Result<()> {
        let mut journals = self.journals.clone();
        journals.insert(journal.to_string(), position);
        if let Some(path) = &self.path {
            let written = Written { version: VERSION, journals };
            kalends_note::replace_json(path, &written)?;
            self.journals = written.journals;
        } else {
            self.journals = journals;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(at: u64) -> Position {
        let journal = JournalId::new([1; 16]);
        Position {
            checkpoint: Some(Checkpoint { journal, shard: 0, position: at, chain: 9 }),
            answered: BTreeSet::from([at + 2]),
            round: Some(Round {
                items: vec![RoundItem { position: at + 1, record: "Test".into(), hash: 3 }],
            }),
        }
    }

    #[test]
    fn positions_of_two_journals_stand_apart_and_are_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("crm.http.json");
        let mut note = PositionNote::new(Some(path.clone()));
        note.load().unwrap();
        note.write(JournalId::new([1; 16]), position(5)).unwrap();
        note.write(JournalId::new([2; 16]), Position::default()).unwrap();
        let mut again = PositionNote::new(Some(path));
        again.load().unwrap();
        assert_eq!(again.of(JournalId::new([1; 16])), position(5));
        assert_eq!(again.of(JournalId::new([3; 16])), Position::default());
    }

    #[test]
    fn a_note_of_a_later_release_is_refused_and_one_set_aside_is_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("crm.http.json");
        std::fs::write(&path, r#"{"version":2,"journals":{}}"#).unwrap();
        let mut note = PositionNote::new(Some(path.clone()));
        assert!(note.load().unwrap_err().to_string().contains("newer"));
        note.set_aside().unwrap();
        note.load().unwrap();
        assert!(!path.exists() && folder.path().join("crm.http.json.damaged").exists());
    }
}
