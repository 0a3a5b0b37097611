use std::{sync::Arc, time::Instant};

use crate::{
    error::OpenError,
    journal::Journal,
    metrics::Metrics,
    settings::Settings,
    storage::memory::Memory,
    write::writer::{Turn, Writer},
};

/// The writer of a journal that was opened in steps: it writes only when it is given a turn.
///
/// To drop the journal and its stepped writer without closing is the sudden death of the process.
#[derive(Debug)]
pub struct SteppedJournal {
    writer: Writer,
    ended: bool,
}

impl Journal {
    /// As [`Journal::open`], on a disk in memory and without a thread: the caller decides when the writer works.
    ///
    /// # Errors
    /// As [`Journal::open`].
    pub fn open_stepped(
        disk: &Memory,
        settings: Settings,
        metrics: Metrics,
    ) -> Result<(Self, SteppedJournal), OpenError> {
        let (journal, writer) = Self::recover(Arc::new(disk.clone()), settings, metrics)?;
        Ok((journal, SteppedJournal { writer, ended: false }))
    }

    /// Begins to close: once everything that waits is answered, the last turn puts the end on record.
    pub fn begin_close(&self) {
        self.close_soon();
    }
}

impl SteppedJournal {
    /// Lets the writer do what can be done now: write and sync one group, or look for room.
    pub fn turn(&mut self, now: Instant) -> Turn {
        if self.ended {
            return Turn::Idle;
        }
        let turn = self.writer.turn(now);
        self.ended = matches!(turn, Turn::Ended(_));
        turn
    }
}
