use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// How long a test waits for a sync that is to be held.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Where syncs wait while a test holds them.
#[derive(Debug, Default)]
pub(super) struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    held: bool,
    waiting: usize,
}

impl Gate {
    pub(super) fn hold(&self) {
        self.lock().held = true;
    }

    pub(super) fn open(&self) {
        self.lock().held = false;
        self.changed.notify_all();
    }

    /// Whether a sync came to wait, in time.
    pub(super) fn is_waited_at(&self) -> bool {
        let waited = self.changed.wait_timeout_while(self.lock(), TIMEOUT, |state| state.waiting == 0);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    /// Goes through, as soon as nobody holds it.
    pub(super) fn pass(&self) {
        let mut state = self.lock();
        state.waiting += 1;
        self.changed.notify_all();
        state = self.changed.wait_while(state, |state| state.held).unwrap_or_else(PoisonError::into_inner);
        state.waiting -= 1;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
