use std::{fmt, sync::Arc, time::Instant};

/// Where delivery reads the time: the wall clock, in microseconds since the Unix epoch, and the clock that only goes forward.
///
/// Passed in, so that tests can turn it. Only retention and the times in the status depend on the wall clock; waits and what
/// falls due depend on the other.
#[derive(Clone)]
pub struct Clock {
    wall: Arc<dyn Fn() -> i64 + Send + Sync>,
    steady: Arc<dyn Fn() -> Instant + Send + Sync>,
}

impl Clock {
    /// A clock that reads the wall clock from `now`.
    pub fn new(now: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self { wall: Arc::new(now), steady: Arc::new(Instant::now) }
    }

    /// The same with another clock that only goes forward.
    #[must_use]
    pub fn with_steady(self, now: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        Self { steady: Arc::new(now), ..self }
    }

    pub(crate) fn now(&self) -> i64 {
        (self.wall)()
    }

    pub(crate) fn steady(&self) -> Instant {
        (self.steady)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
