use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

/// Time between two beats.
const INTERVAL: Duration = Duration::from_secs(2);
/// Longest time between two beats of a runtime that answers.
const STUCK_TIMEOUT: Duration = Duration::from_secs(10);

/// Signs of life of the runtime that answers webhooks, for threads that are none of its own.
pub(crate) struct Heartbeat {
    begun: Instant,
    /// When the last beat was, in milliseconds after the beginning.
    last: AtomicU64,
}

impl Heartbeat {
    pub(crate) fn new() -> Self {
        Self { begun: Instant::now(), last: AtomicU64::new(0) }
    }

    /// Beats for as long as the runtime runs tasks. Never ends by itself.
    pub(crate) async fn beat(&self) {
        loop {
            self.last.store(self.age(), Ordering::Relaxed);
            tokio::time::sleep(INTERVAL).await;
        }
    }

    /// Whether the runtime has not run a task for too long.
    pub(crate) fn is_missing(&self) -> bool {
        let silence = self.age().saturating_sub(self.last.load(Ordering::Relaxed));
        Duration::from_millis(silence) > STUCK_TIMEOUT
    }

    fn age(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn heartbeat_is_missing_after_a_silence_until_the_runtime_runs_a_task_again() {
        let begun = Instant::now().checked_sub(STUCK_TIMEOUT + INTERVAL).unwrap();
        let heartbeat = Heartbeat { begun, last: AtomicU64::new(0) };
        assert!(heartbeat.is_missing());
        let beat = tokio::time::timeout(Duration::ZERO, heartbeat.beat());
        assert!(beat.await.is_err(), "it never ends");
        assert!(!heartbeat.is_missing());
    }
}
