use std::{
    sync::{Condvar, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// The one signal that ends delivery.
///
/// Sink loops go on until they have delivered through `target`, the journal's end when the signal was given, or until
/// `drain_until`, then commit and end.
#[derive(Debug, Default)]
pub(crate) struct Stop {
    order: Mutex<Option<StopRequest>>,
    given: Condvar,
}

/// How far, and how long, sink loops go on after the signal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StopRequest {
    pub(crate) target: u64,
    pub(crate) drain_until: Instant,
}

impl Stop {
    pub(crate) fn give(&self, order: StopRequest) {
        *self.order.lock().unwrap_or_else(PoisonError::into_inner) = Some(order);
        self.given.notify_all();
    }

    pub(crate) fn order(&self) -> Option<StopRequest> {
        *self.order.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the signal was given.
    pub(crate) fn is_given(&self) -> bool {
        self.order().is_some()
    }

    /// Whether the signal was given, and what has not been delivered by `now` waits in the journal.
    pub(crate) fn is_over(&self, now: Instant) -> bool {
        self.order().is_some_and(|order| now >= order.drain_until)
    }

    /// Waits for `time`, or less when the signal is given.
    pub(crate) fn wait(&self, time: Duration) {
        let order = self.order.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.given.wait_timeout_while(order, time, |order| order.is_none());
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }
}
