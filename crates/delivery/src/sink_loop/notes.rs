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
        let Some(note) = self.checkpoint_note.read_or_hold()? else { return Ok(None) };
        note.check_topics(&mut self.topics)?;
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
