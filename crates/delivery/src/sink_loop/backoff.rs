use std::time::Duration;

const FIRST_WAIT: Duration = Duration::from_millis(100);
const MAX_WAIT: Duration = Duration::from_secs(5);
const HOLD_WAIT: Duration = Duration::from_secs(10);

/// How long a sink loop waits before it tries again. There is no last try.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    retries: u32,
}

impl Backoff {
    /// The wait before the next try: doubled each time, up to 5 s.
    pub(crate) fn after_retry(&mut self) -> Duration {
        let wait = FIRST_WAIT.saturating_mul(1 << self.retries.min(16)).min(MAX_WAIT);
        self.retries = self.retries.saturating_add(1);
        wait
    }

    /// The wait while somebody has to act.
    pub(crate) const fn after_hold() -> Duration {
        HOLD_WAIT
    }

    /// Progress was made: the next failure is a first one.
    pub(crate) const fn reset(&mut self) {
        self.retries = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_bound_and_start_anew_after_progress() {
        let mut backoff = Backoff::default();
        let waits: Vec<_> = (0..50).map(|_| backoff.after_retry()).collect();
        assert!(waits.is_sorted());
        assert_eq!(waits.last(), Some(&MAX_WAIT));
        backoff.reset();
        assert_eq!(backoff.after_retry(), FIRST_WAIT);
    }
}
