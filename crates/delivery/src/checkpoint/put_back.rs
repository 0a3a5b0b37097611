use std::{
    io,
    path::{Path, PathBuf},
};

use kalends_sink::JournalId;
use serde::{Deserialize, Serialize};

/// No sink has this name: it has a character that names can't have.
const FILE: &str = "put-back.json";

/// Evidence that an older copy of the journal was put back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutBack {
    /// The identity under which the copy would give positions that were given before.
    pub journal: JournalId,
    /// The last position that surely names the same event in the copy as it did before.
    pub last_position: u64,
    /// The first sink that has found out.
    pub sink: String,
    /// Through which position of the lost history its destination has events.
    pub delivered_position: u64,
}

/// The note beside the journal that an older copy of it was put back, so that no sink delivers under a name that was given before.
#[derive(Debug, Clone)]
pub(crate) struct PutBackNote {
    path: Option<PathBuf>,
}

impl PutBackNote {
    /// Without a directory nothing is noted.
    pub(crate) fn new(directory: Option<&Path>) -> Self {
        Self { path: directory.map(|directory| directory.join(FILE)) }
    }

    /// What was noted of the journal with this identity.
    pub(crate) fn read(&self, journal: JournalId) -> io::Result<Option<PutBack>> {
        let Some(path) = &self.path else { return Ok(None) };
        let noted: Option<PutBack> = kalends_note::read_json(path)?;
        Ok(noted.filter(|noted| noted.journal == journal))
    }

    /// Notes it, unless as much was noted before. Durable when this returns.
    pub(crate) fn write(&self, found: &PutBack) -> io::Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        match self.read(found.journal)? {
            Some(noted) if noted.last_position <= found.last_position => Ok(()),
            _ => kalends_note::replace_json(path, found),
        }
    }

    /// The right journal is there again.
    pub(crate) fn remove(&self) -> io::Result<()> {
        self.path.as_deref().map_or(Ok(()), kalends_note::remove)
    }
}

/// What delivery has noted in `state_directory` of an older copy of the journal with this identity; `None` where it has found none.
///
/// # Errors
/// The note can't be read.
pub fn noted_put_back(state_directory: &Path, journal: JournalId) -> io::Result<Option<PutBack>> {
    PutBackNote::new(Some(state_directory)).read(journal)
}

/// Forgets such a note once the journal has another identity.
///
/// # Errors
/// The note can't be removed.
pub fn forget_put_back(state_directory: &Path) -> io::Result<()> {
    PutBackNote::new(Some(state_directory)).remove()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_position_is_kept_of_what_several_sinks_have_found() {
        let directory = tempfile::tempdir().unwrap();
        let note = PutBackNote::new(Some(directory.path()));
        let journal = JournalId::new([7; 16]);
        let found = |last_position, sink: &str| PutBack {
            journal,
            last_position,
            sink: sink.to_owned(),
            delivered_position: 9,
        };
        assert_eq!(note.read(journal).unwrap(), None);
        for (position, sink) in [(5, "a"), (7, "b"), (3, "c")] {
            note.write(&found(position, sink)).unwrap();
        }
        assert_eq!(note.read(journal).unwrap(), Some(found(3, "c")));
        assert_eq!(note.read(JournalId::new([8; 16])).unwrap(), None, "of another journal");
        note.remove().unwrap();
        assert_eq!(note.read(journal).unwrap(), None);
    }
}
