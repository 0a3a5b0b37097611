use std::{collections::BTreeMap, io};

use kalends_journal::{Note, SinkNotes};
use kalends_sink::{Checkpoint, Failure};
use serde::{Deserialize, Serialize};

use super::hold::Printed;

/// What is noted of a sink.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NotedCheckpoint {
    /// Roughly its last checkpoint: never one that it has not had.
    pub(crate) checkpoint: Checkpoint,
    /// The full name of the records on each topic that it ever had.
    pub(crate) topics: BTreeMap<String, String>,
    /// Where the journal ended when the first delivery began since the destination last agreed with it; `None` once it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) unconfirmed_since: Option<u64>,
}

impl NotedCheckpoint {
    /// Adds the noted topics to `topics`, which are those of today, unless a topic would get records of another type.
    pub(crate) fn check_topics(&self, topics: &mut BTreeMap<String, String>) -> Result<(), Failure> {
        for (topic, had) in &self.topics {
            let name = topics.entry(topic.clone()).or_insert_with(|| had.clone());
            if name != had {
                return Err(Failure::hold(format!(
                    "topic {topic} has records of {had}, and {name} would be mixed with them: put `timestamps` back, or give \
                     the new records topics of their own (`topics.prefix`)"
                )));
            }
        }
        Ok(())
    }

    /// Whether this note, which stands, proves as much as `next` would: the sink has had a checkpoint of the same journal, on
    /// the same topics, and none that `next` lies before.
    pub(crate) fn stands_for(&self, next: &Self) -> bool {
        let (own, other) = (&self.checkpoint, &next.checkpoint);
        own.journal == other.journal && own.position <= other.position && self.topics == next.topics
    }
}

/// The note beside the journal that a sink has had a checkpoint, and roughly where it was.
///
/// Without it a checkpoint that was deleted at the destination would look like a destination never used before,
/// and everything kept would silently be delivered again.
#[derive(Debug)]
pub(crate) struct CheckpointNote {
    note: Option<Note>,
}

impl CheckpointNote {
    /// Notes nothing where there are no notes.
    pub(crate) fn new(notes: Option<&SinkNotes>) -> Self {
        Self { note: notes.map(|notes| notes.note("json")) }
    }

    /// The note's place, as messages say it.
    pub(crate) fn place(&self) -> String {
        self.note.as_ref().map(Note::place).unwrap_or_default()
    }

    /// What was last noted.
    pub(crate) fn read(&self) -> io::Result<Option<NotedCheckpoint>> {
        let Some(note) = &self.note else { return Ok(None) };
        note.read_json()
    }

    /// What was last noted, or what to do about a note that can't be read.
    pub(crate) fn read_or_hold(&self, printed: Printed<'_>) -> Result<Option<NotedCheckpoint>, Failure> {
        let path = self.place();
        self.read().map_err(|error| {
            Failure::hold(format!(
                "the note of this sink's last checkpoint can't be read: {path}: {error}; remove it, and say where to go on: {}",
                printed.seek("WHERE")
            ))
        })
    }

    /// Notes that a delivery begins where the journal ends at `synced`, unless one has begun before that the destination has not
    /// confirmed. Returns where the first such delivery began.
    pub(crate) fn begin(&self, synced: u64) -> u64 {
        // A note that can't be read is a hold of its sink, later.
        let Ok(Some(note)) = self.read() else { return synced };
        if let Some(before) = note.unconfirmed_since {
            return before;
        }
        let note = NotedCheckpoint { unconfirmed_since: Some(synced), ..note };
        if let Err(error) = self.write(&note) {
            tracing::warn!(path = self.place(), %error, "can't note where the journal ended at the start");
        }
        synced
    }

    /// Notes what stands at the destination. Durable when this returns.
    pub(crate) fn write(&self, noted: &NotedCheckpoint) -> io::Result<()> {
        let Some(note) = &self.note else { return Ok(()) };
        note.replace_json(noted)
    }
}

#[cfg(test)]
mod tests {
    use kalends_sink::JournalId;

    use super::*;
    use crate::tests::notes;

    #[test]
    fn what_is_noted_is_found_again() {
        let directory = tempfile::tempdir().unwrap();
        let checkpoint_note = CheckpointNote::new(Some(&notes(&directory.path().join("sinks"), "kafka")));
        assert_eq!(checkpoint_note.read().unwrap(), None);
        let checkpoint =
            Checkpoint { journal: JournalId::new([7; 16]), shard: 0, position: 3, chain: u64::MAX };
        let topics = [("rokt.calendar.test".to_owned(), "rokt.calendar.Test".to_owned())].into();
        let note = NotedCheckpoint { checkpoint, topics, unconfirmed_since: Some(2) };
        checkpoint_note.write(&note).unwrap();
        assert_eq!(checkpoint_note.read().unwrap(), Some(note));
    }
}
