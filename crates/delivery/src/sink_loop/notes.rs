//! What a sink's loop writes down beside the journal.

use std::{io, mem};

use kalends_sink::{Checkpoint, Failure};

use super::SinkLoop;
use crate::checkpoint::{checkpoint_note::NotedCheckpoint, hold::Printed};

impl SinkLoop {
    /// The note that stands. Its topics are told from then on.
    ///
    /// Millis and micros differ in nothing that a reader of one topic could see, so they must never share one.
    pub(super) fn noted(&mut self) -> Result<Option<NotedCheckpoint>, Failure> {
        let noted = self.checkpoint_note.read_or_hold(self.printed())?;
        self.standing.clone_from(&noted);
        let Some(note) = noted else { return Ok(None) };
        note.check_topics(&mut self.topics)?;
        Ok(Some(note))
    }

    /// Reads the count of refusals.
    pub(super) fn load_refusals(&mut self) -> Result<(), Failure> {
        self.refusals.load().map_err(|error| {
            let path = self.refusals.place();
            Failure::hold(format!("the count of refusals can't be read: {path}: {error}; remove it"))
        })
    }

    /// Notes a checkpoint that the destination has.
    ///
    /// A note that can't be renewed, as on a full disk, stops nobody as long as the one that stands is of this journal, of
    /// these topics and not ahead: it proves as much as the new one, and is only further behind.
    pub(super) fn note(&mut self, checkpoint: &Checkpoint) -> Result<(), Failure> {
        let note =
            NotedCheckpoint { checkpoint: *checkpoint, topics: self.topics.clone(), unconfirmed_since: None };
        let Err(error) = self.checkpoint_note.write(&note) else {
            self.standing = Some(note);
            self.note_fails = false;
            return Ok(());
        };
        let message = format!("can't write {}: {error}", self.checkpoint_note.place());
        if self.standing.as_ref().is_none_or(|standing| !standing.stands_for(&note)) {
            return Err(Failure::retry(message));
        }
        if !mem::replace(&mut self.note_fails, true) {
            tracing::warn!(
                sink = self.health.sink(),
                error = message,
                "the note of this sink's checkpoint is not renewed; the one that stands will do"
            );
        }
        Ok(())
    }

    /// The position of the note that stands.
    pub(super) fn noted_position(&self) -> Option<u64> {
        self.standing.as_ref().map(|note| note.checkpoint.position)
    }

    /// The position that this run has committed itself, or was told by the destination to be committed.
    pub(super) fn passed(&self) -> Option<u64> {
        self.progress
            .of(self.index)
            .filter(|delivered| delivered.confirmed)
            .map(|delivered| delivered.position)
    }

    /// How commands for this sink are printed.
    pub(super) fn printed(&self) -> Printed<'_> {
        Printed { sink: self.health.sink() }
    }

    pub(super) fn cant_note(&self, error: &io::Error) -> Failure {
        Failure::retry(format!("can't note dead letters beside {}: {error}", self.checkpoint_note.place()))
    }
}
