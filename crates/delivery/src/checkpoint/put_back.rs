use std::{io, sync::Arc};

use kalends_journal::{Note, ShardId, SinkNotes, StateStore};
use kalends_sink::JournalId;
use serde::{Deserialize, Serialize};

/// No sink has this name: it has a character that names can't have.
const OWNER: &str = "put-back";

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
    note: Option<Note>,
}

impl PutBackNote {
    /// Notes nothing where there is no store.
    pub(crate) fn new(state: Option<&Arc<dyn StateStore>>, shard: ShardId) -> Self {
        let notes = state.map(|state| SinkNotes::new(Arc::clone(state), OWNER, shard));
        Self { note: notes.map(|notes| notes.note("json")) }
    }

    /// What was noted of the journal with this identity.
    pub(crate) fn read(&self, journal: JournalId) -> io::Result<Option<PutBack>> {
        let Some(note) = &self.note else { return Ok(None) };
        let noted: Option<PutBack> = note.read_json()?;
        Ok(noted.filter(|noted| noted.journal == journal))
    }

    /// Notes it, unless as much was noted before. Durable when this returns.
    pub(crate) fn write(&self, found: &PutBack) -> io::Result<()> {
        let Some(note) = &self.note else { return Ok(()) };
        match self.read(found.journal)? {
            Some(noted) if noted.last_position <= found.last_position => Ok(()),
            _ => note.replace_json(found),
        }
    }

    /// The right journal is there again.
    pub(crate) fn remove(&self) -> io::Result<()> {
        self.note.as_ref().map_or(Ok(()), Note::remove)
    }
}

/// The note of delivery of a shard about an older copy of the journal with this identity; `None` where delivery has found none.
///
/// # Errors
/// The note can't be read.
pub fn noted_put_back(
    state: &Arc<dyn StateStore>,
    shard: ShardId,
    journal: JournalId,
) -> io::Result<Option<PutBack>> {
    PutBackNote::new(Some(state), shard).read(journal)
}

/// Forgets such a note once the journal has another identity.
///
/// # Errors
/// The note can't be removed.
pub fn forget_put_back(state: &Arc<dyn StateStore>, shard: ShardId) -> io::Result<()> {
    PutBackNote::new(Some(state), shard).remove()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::state;

    #[test]
    fn the_lowest_position_is_kept_of_what_several_sinks_have_found() {
        let directory = tempfile::tempdir().unwrap();
        let note = PutBackNote::new(Some(&state(directory.path())), ShardId::FIRST);
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
