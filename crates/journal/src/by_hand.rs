use std::{sync::Arc, time::Instant};

use crate::{Journal, Memory, Metrics, OpenError, Settings, Turn, writer::Writer};

/// The writer of a journal that was opened by hand: it writes only when it is given a turn.
///
/// To drop journal and hand without closing is the sudden death of the process.
#[derive(Debug)]
pub struct SteppedJournal {
    writer: Writer,
    ended: bool,
}

impl Journal {
    /// As [`Journal::open`], on a disk in memory and without a thread: whoever has the hand decides when the writer works.
    ///
    /// # Errors
    /// As [`Journal::open`].
    pub fn open_by_hand(
        disk: &Memory,
        settings: Settings,
        metrics: Metrics,
    ) -> Result<(Self, SteppedJournal), OpenError> {
        let (journal, writer) = Self::recover(Arc::new(disk.clone()), settings, metrics)?;
        Ok((journal, SteppedJournal { writer, ended: false }))
    }

    /// Begins to close: once everything that waits is answered, the hand's last turn puts the end on record.
    pub fn close_by_hand(&self) {
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
