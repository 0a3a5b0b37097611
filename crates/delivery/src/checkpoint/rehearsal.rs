//! What the next start of a sink would say of its checkpoint, found out without a sink.

use std::collections::BTreeMap;

use kalends_journal::{ShardLog, SinkNotes};
use kalends_sink::{Failure, Report, Stream};

use crate::{
    checkpoint::{
        checkpoint_note::{CheckpointNote, NotedCheckpoint},
        hold::Printed,
        resume::{Resume, Resumption},
        seek::Start,
    },
    journal_ids::is_former,
    operator::command::{Command, CommandFile},
};

/// What is noted of a sink beside the journal. Read it before the destination and before the journal, which a running daemon
/// moves on.
#[derive(Debug)]
pub struct Rehearsal {
    sink_notes: SinkNotes,
    sink: String,
    noted: Option<NotedCheckpoint>,
}

impl Rehearsal {
    /// Reads what is noted of a sink, in its notes.
    ///
    /// # Errors
    /// [`Failure::Hold`] when the note can't be read.
    pub fn new(sink_notes: SinkNotes, sink: &str) -> Result<Self, Failure> {
        let noted = CheckpointNote::new(Some(&sink_notes)).read_or_hold(Printed { sink })?;
        Ok(Self { sink_notes, sink: sink.to_owned(), noted })
    }

    /// Compares the destination's checkpoint with note and journal, as a start does.
    ///
    /// # Errors
    /// The failure that the start would be.
    pub fn run(
        self,
        log: &dyn ShardLog,
        streams: &[Stream],
        start: Start,
        required: bool,
        destination: &Report,
    ) -> Result<(), Failure> {
        let (committed, catches_up) = (destination.checkpoint, destination.catches_up);
        let mut topics: BTreeMap<String, String> = streams
            .iter()
            .map(|stream| (stream.topic.to_string(), stream.schema.full_name.clone()))
            .collect();
        if let Some(noted) = &self.noted {
            noted.check_topics(&mut topics)?;
        }
        if let Ok(Some(Command::Seek(_))) = CommandFile::new(&self.sink_notes).waiting() {
            return Ok(());
        }
        let noted = self.noted.map(|noted| noted.checkpoint);
        let printed = Printed { sink: &self.sink };
        if committed.is_none() && noted.is_some_and(|noted| is_former(log, &noted)) {
            // The start looks for a checkpoint under the identity that the journal had.
            return Ok(());
        }
        match (Resumption { log, noted, committed: None, printed, start, required, catches_up })
            .from(committed)?
        {
            Resume::PutBack(cause) => Err(cause.failure(log, printed)),
            Resume::At(_) | Resume::Begin(_) | Resume::Lost { .. } | Resume::BeginAgain(_) => Ok(()),
        }
    }
}
