//! What a sink's loop writes down beside the journal.

use std::{io, path::Path};

use kalends_sink::{Checkpoint, Failure};

use super::SinkLoop;
use crate::checkpoint::checkpoint_note::NotedCheckpoint;

impl SinkLoop {
    /// What was noted of the sink. Its topics are told from then on.
    ///
    /// Millis and micros differ in nothing that a reader of one topic could see, so they must never share one.
    pub(super) fn noted(&mut self) -> Result<Option<NotedCheckpoint>, Failure> {
        let (path, sink) = (self.checkpoint_note.path().display(), self.checkpoint_note.sink());
        let noted = self.checkpoint_note.read().map_err(|error| {
            Failure::hold(format!(
                "the note of this sink's last checkpoint can't be read: {path}: {error}; remove it, and say where to go on: `kalends sinks \
                 seek {sink} --to WHERE`"
            ))
        })?;
        let Some(note) = noted else { return Ok(None) };
        for (topic, had) in &note.topics {
            let name = self.topics.entry(topic.clone()).or_insert_with(|| had.clone());
            if name != had {
                return Err(Failure::hold(format!(
                    "topic {topic} has records of {had}, and {name} would be mixed with them: put `timestamps` back, or give \
                     the new records topics of their own (`topics.prefix`)"
                )));
            }
        }
        Ok(Some(note))
    }

    pub(super) fn note(&self, checkpoint: &Checkpoint) -> Result<(), Failure> {
        let path = self.checkpoint_note.path().display();
        let note = NotedCheckpoint { checkpoint: *checkpoint, topics: self.topics.clone() };
        self.checkpoint_note
            .write(&note)
            .map_err(|error| Failure::retry(format!("can't write {path}: {error}")))
    }

    pub(super) fn cant_note(&self, error: &io::Error) -> Failure {
        let folder = self.checkpoint_note.path().parent().unwrap_or(Path::new(".")).display();
        Failure::retry(format!("can't note dead letters in {folder}: {error}"))
    }
}
