use std::{
    mem,
    num::NonZero,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::Notify;

use crate::connections::registry::ConnectionRegistry;

/// State of one open connection. Everybody who has to know asks here.
#[derive(Debug)]
pub(crate) struct ConnectionState {
    registry: Arc<ConnectionRegistry>,
    evicted: Arc<Notify>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    /// The connection has the memory for serving requests.
    is_served: bool,
    /// Requests that have ended.
    answered: u64,
    /// Something of an answer waits for the client to read.
    is_stalled: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// No request is in flight; `since` is the place in the registry.
    Idle { since: u64 },
    /// So many requests are in flight.
    Busy { in_flight: NonZero<usize> },
    /// The connection has been told to go.
    Evicted,
}

/// Stage of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Progress {
    /// Requests that have ended.
    pub(crate) answered: u64,
    /// True while a request is in flight.
    pub(crate) is_busy: bool,
}

/// One request in flight, until dropped.
#[derive(Debug)]
pub(crate) struct RequestInFlight(Arc<ConnectionState>);

impl ConnectionState {
    /// The state of a connection that was accepted now.
    pub(crate) fn new(registry: &Arc<ConnectionRegistry>) -> Self {
        let evicted = Arc::default();
        let phase = Phase::Idle { since: registry.add(false, &evicted) };
        let state = State { phase, is_served: false, answered: 0, is_stalled: false };
        Self { registry: Arc::clone(registry), evicted, state: Mutex::new(state) }
    }

    /// Notified once when the connection has to make room for another.
    pub(crate) fn evicted(&self) -> Arc<Notify> {
        Arc::clone(&self.evicted)
    }

    /// A request begins.
    pub(crate) fn begin(self: &Arc<Self>) -> RequestInFlight {
        let mut state = self.state();
        state.phase = match state.phase {
            Phase::Idle { since } if self.registry.remove(state.is_served, since) => {
                Phase::Busy { in_flight: NonZero::<usize>::MIN }
            }
            Phase::Busy { in_flight } => Phase::Busy { in_flight: in_flight.saturating_add(1) },
            Phase::Idle { .. } | Phase::Evicted => Phase::Evicted,
        };
        drop(state);
        RequestInFlight(Arc::clone(self))
    }

    /// Says whether the connection is served. It has been idle for as long as before.
    pub(crate) fn set_served(&self, is_served: bool) {
        let mut state = self.state();
        if mem::replace(&mut state.is_served, is_served) == is_served {
            return;
        }
        if let Phase::Idle { since } = state.phase
            && !self.registry.set_served(is_served, since)
        {
            state.phase = Phase::Evicted;
        }
    }

    /// Says whether something of an answer waits for the client to read.
    pub(crate) fn set_stalled(&self, is_stalled: bool) {
        self.state().is_stalled = is_stalled;
    }

    /// The connection's stage.
    pub(crate) fn progress(&self) -> Progress {
        let state = self.state();
        Progress { answered: state.answered, is_busy: matches!(state.phase, Phase::Busy { .. }) }
    }

    /// Waits until the connection has answered a request, no other has come for `quiet_time`, and no answer waits to be read.
    ///
    /// # Cancel safety
    /// Safe: it only waits.
    pub(crate) async fn quiet(&self, quiet_time: Duration) {
        loop {
            let before = self.progress();
            tokio::time::sleep(quiet_time).await;
            let has_answered = before.answered > 0 && !before.is_busy;
            if has_answered && self.progress() == before && !self.state().is_stalled {
                return;
            }
        }
    }

    fn end(&self) {
        let mut state = self.state();
        state.answered += 1;
        if let Phase::Busy { in_flight } = state.phase {
            state.phase = match NonZero::new(in_flight.get() - 1) {
                Some(in_flight) => Phase::Busy { in_flight },
                None => Phase::Idle { since: self.registry.add(state.is_served, &self.evicted) },
            };
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for RequestInFlight {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl Drop for ConnectionState {
    fn drop(&mut self) {
        let state = self.state();
        let is_evicted = match state.phase {
            Phase::Idle { since } => !self.registry.remove(state.is_served, since),
            Phase::Busy { .. } => false,
            Phase::Evicted => true,
        };
        if is_evicted {
            self.registry.note_gone();
        }
    }
}
