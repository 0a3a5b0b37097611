use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

/// When every world begins, in microseconds since the Unix epoch.
const BEGIN: i64 = 1_800_000_000_000_000;

/// The world's time: the runtime's paused clock, and a wall clock that may be set wrong.
#[derive(Debug, Clone)]
pub(crate) struct Time {
    begun: Instant,
    skew: Arc<AtomicI64>,
    was_set: Arc<AtomicBool>,
}

impl Time {
    pub(crate) fn new() -> Self {
        Self { begun: Instant::now(), skew: Arc::default(), was_set: Arc::default() }
    }

    /// Since the world began.
    pub(crate) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// What the wall clock shows, in microseconds since the Unix epoch.
    pub(crate) fn wall(&self) -> i64 {
        BEGIN + i64::try_from(self.elapsed().as_micros()).unwrap() + self.skew.load(Ordering::Relaxed)
    }

    /// Somebody sets the wall clock: it is off by `micros`.
    pub(crate) fn set_wall_off_by(&self, micros: i64) {
        self.skew.store(micros, Ordering::Relaxed);
        self.was_set.store(true, Ordering::Relaxed);
    }

    /// Whether anybody has ever set the wall clock.
    pub(crate) fn was_set(&self) -> bool {
        self.was_set.load(Ordering::Relaxed)
    }

    /// The clock that only goes forward.
    pub(crate) fn steady() -> std::time::Instant {
        Instant::now().into_std()
    }

    pub(crate) async fn sleep_until(&self, elapsed: Duration) {
        tokio::time::sleep_until(self.begun + elapsed).await;
    }
}
