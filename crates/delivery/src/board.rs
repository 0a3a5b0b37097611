use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use kalends_normalise::Plan;

use crate::{
    duplicates::Duplicates,
    intake::Intake,
    recent::Recent,
    scan::Scanned,
    status::{IntakeStatus, LastDeadLetter},
};

/// What the scanner tells the sink loops: how far it is, the newest events, and which positions are duplicates; and what it
/// tells people: what came in of late.
#[derive(Debug, Default)]
pub(crate) struct Board {
    face: Mutex<Face>,
    moved: Condvar,
}

#[derive(Debug, Default)]
struct Face {
    scanned: u64,
    recent: Recent,
    duplicates: Duplicates,
    intake: Intake,
    remembered: usize,
    error: Option<String>,
}

/// One event that the scanner has judged.
pub(crate) struct Judged {
    pub(crate) position: u64,
    /// `None` where only the fingerprint was looked at: a sink that wants the event reads it, and it is no news to people.
    pub(crate) event: Option<Arc<Scanned>>,
    pub(crate) duplicate: bool,
}

impl Board {
    fn face(&self) -> MutexGuard<'_, Face> {
        self.face.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A board of a scanner that begins behind `position`.
    pub(crate) fn starting_at(position: u64) -> Self {
        let board = Self::default();
        board.face().scanned = position;
        board
    }

    /// Publishes the next events, in order.
    pub(crate) fn publish(&self, judged: &mut Vec<Judged>, remembered: usize) {
        let mut face = self.face();
        if !judged.is_empty() {
            face.error = None;
        }
        face.remembered = remembered;
        for Judged { position, event, duplicate } in judged.drain(..) {
            face.scanned = position;
            if duplicate {
                face.duplicates.push(position);
            }
            match event {
                Some(event) => {
                    face.intake.count(&event, duplicate);
                    face.recent.push(event);
                }
                None => face.recent.clear(),
            }
        }
        drop(face);
        self.moved.notify_all();
    }

    /// The scanner can't go on, and why.
    pub(crate) fn stall(&self, error: String) {
        self.face().error = Some(error);
    }

    /// Why the scanner can't go on, if it can't.
    pub(crate) fn error(&self) -> Option<String> {
        self.face().error.clone()
    }

    /// `sink` has refused an event, or a dead letter, for what it is.
    pub(crate) fn remember(&self, event: &Scanned, sink: &str, reason: &'static str, message: &str) {
        self.face().intake.remember(event, Some(sink), reason, message);
    }

    /// What came in during the minutes that end with the one of `now`, and the last dead letters.
    pub(crate) fn intake(&self, now: i64, plan: &Plan) -> (IntakeStatus, Vec<LastDeadLetter>) {
        let mut face = self.face();
        (face.intake.until(now, plan), face.intake.letters())
    }

    /// The position through which everything is scanned.
    pub(crate) fn scanned(&self) -> u64 {
        self.face().scanned
    }

    /// How many occurrences the duplicate window holds.
    pub(crate) fn remembered(&self) -> usize {
        self.face().remembered
    }

    /// The events behind `position`, if they are recent.
    pub(crate) fn recent_after(
        &self,
        position: u64,
        events: usize,
        bytes: usize,
    ) -> Option<Vec<Arc<Scanned>>> {
        self.face().recent.after(position, events, bytes)
    }

    /// The duplicates from `first` through `last`, in rising order.
    pub(crate) fn duplicates(&self, first: u64, last: u64) -> Vec<u64> {
        self.face().duplicates.between(first, last)
    }

    /// Every sink has passed `position`.
    pub(crate) fn forget_duplicates_through(&self, position: u64) {
        self.face().duplicates.forget_through(position);
    }

    /// Waits until something behind `position` is scanned, for at most `time`, or until [`Board::wake`].
    pub(crate) fn wait_beyond(&self, position: u64, time: Duration) {
        let face = self.face();
        if face.scanned <= position {
            drop(self.moved.wait_timeout(face, time).unwrap_or_else(PoisonError::into_inner));
        }
    }

    /// Ends all waits.
    pub(crate) fn wake(&self) {
        drop(self.face());
        self.moved.notify_all();
    }
}
