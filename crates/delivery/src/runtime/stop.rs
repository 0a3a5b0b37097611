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
    request: Mutex<Option<StopRequest>>,
    given: Condvar,
}

/// How far, and how long, sink loops go on after the signal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StopRequest {
    pub(crate) target: u64,
    pub(crate) drain_until: Instant,
}

impl Stop {
    pub(crate) fn give(&self, request: StopRequest) {
        *self.request.lock().unwrap_or_else(PoisonError::into_inner) = Some(request);
        self.given.notify_all();
    }

    pub(crate) fn request(&self) -> Option<StopRequest> {
        *self.request.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the signal was given.
    pub(crate) fn is_given(&self) -> bool {
        self.request().is_some()
    }

    /// Whether the signal was given, and what has not been delivered by `now` waits in the journal.
    pub(crate) fn is_over(&self, now: Instant) -> bool {
        self.request().is_some_and(|request| now >= request.drain_until)
    }

    /// Waits for `time`, or less when the signal is given.
    pub(crate) fn wait(&self, time: Duration) {
        let request = self.request.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.given.wait_timeout_while(request, time, |request| request.is_none());
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }
}
