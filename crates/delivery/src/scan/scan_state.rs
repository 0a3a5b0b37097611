use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use kalends_normalise::Plan;

use crate::{
    dedup::duplicates::Duplicates,
    scan::decoder::DecodedEvent,
    scan::recent_stats::IntakeStats,
    scan::tail_cache::TailCache,
    status::{IntakeStatus, LastDeadLetter},
};

/// What the scanner tells the sink loops: how far it is, the newest events, and which positions are duplicates; and what it
/// tells people: what came in of late.
#[derive(Debug, Default)]
pub(crate) struct ScanState {
    state: Mutex<State>,
    moved: Condvar,
}

#[derive(Debug, Default)]
struct State {
    scanned: u64,
    tail: TailCache,
    duplicates: Duplicates,
    intake: IntakeStats,
    remembered: usize,
    error: Option<String>,
}

/// One event that the scanner has judged.
pub(crate) struct Judged {
    pub(crate) position: u64,
    /// `None` where only the fingerprint was looked at: a sink that wants the event reads it, and it is no news to people.
    pub(crate) event: Option<Arc<DecodedEvent>>,
    pub(crate) duplicate: bool,
}

impl ScanState {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state of a scanner that begins behind `position`.
    pub(crate) fn starting_at(position: u64) -> Self {
        let scan_state = Self::default();
        scan_state.state().scanned = position;
        scan_state
    }

    /// Publishes the next events, in order.
    pub(crate) fn publish(&self, judged: &mut Vec<Judged>, remembered: usize) {
        let mut state = self.state();
        if !judged.is_empty() {
            state.error = None;
        }
        state.remembered = remembered;
        for Judged { position, event, duplicate } in judged.drain(..) {
            state.scanned = position;
            if duplicate {
                state.duplicates.push(position);
            }
            match event {
                Some(event) => {
                    state.intake.count(&event, duplicate);
                    state.tail.push(event);
                }
                None => state.tail.clear(),
            }
        }
        drop(state);
        self.moved.notify_all();
    }

    /// The scanner can't go on, and why.
    pub(crate) fn stall(&self, error: String) {
        self.state().error = Some(error);
    }

    /// Why the scanner can't go on, if it can't.
    pub(crate) fn error(&self) -> Option<String> {
        self.state().error.clone()
    }

    /// `sink` has refused an event, or a dead letter, for what it is.
    pub(crate) fn remember(&self, event: &DecodedEvent, sink: &str, reason: &'static str, message: &str) {
        self.state().intake.remember(event, Some(sink), reason, message);
    }

    /// What came in during the minutes that end with the one of `now`, and the last dead letters.
    pub(crate) fn intake(&self, now: i64, plan: &Plan) -> (IntakeStatus, Vec<LastDeadLetter>) {
        let mut state = self.state();
        (state.intake.until(now, plan), state.intake.last_dead_letters())
    }

    /// The position through which everything is scanned.
    pub(crate) fn scanned(&self) -> u64 {
        self.state().scanned
    }

    /// How many occurrences the duplicate window holds.
    pub(crate) fn remembered(&self) -> usize {
        self.state().remembered
    }

    /// The events behind `position`, if they are recent.
    pub(crate) fn tail_after(
        &self,
        position: u64,
        events: usize,
        bytes: usize,
    ) -> Option<Vec<Arc<DecodedEvent>>> {
        self.state().tail.after(position, events, bytes)
    }

    /// The duplicates from `first` through `last`, in rising order; `None` when those from `first` on are forgotten.
    pub(crate) fn duplicates(&self, first: u64, last: u64) -> Option<Vec<u64>> {
        self.state().duplicates.between(first, last)
    }

    /// Every sink has passed `position`, or the journal no longer has it.
    pub(crate) fn forget_duplicates_through(&self, position: u64) {
        self.state().duplicates.forget_through(position);
    }

    /// Waits until something behind `position` is scanned, for at most `time`, or until [`ScanState::wake`].
    pub(crate) fn wait_beyond(&self, position: u64, time: Duration) {
        let state = self.state();
        if state.scanned <= position {
            drop(self.moved.wait_timeout(state, time).unwrap_or_else(PoisonError::into_inner));
        }
    }

    /// Ends all waits.
    pub(crate) fn wake(&self) {
        drop(self.state());
        self.moved.notify_all();
    }
}
