use std::time::{Duration, Instant};

/// Time that a line stays quiet after it was logged.
const QUIET_TIME: Duration = Duration::from_secs(10);

/// Keeps one line of the log from being written again and again: once in 10 s.
#[derive(Debug, Default)]
pub(crate) struct LogLimiter {
    told_at: Option<Instant>,
    not_told: u64,
}

impl LogLimiter {
    /// Number of lines left out since the last one that was logged; `None` when this one is left out, too.
    pub(crate) fn note(&mut self, now: Instant) -> Option<u64> {
        if self.told_at.is_some_and(|at| now.saturating_duration_since(at) < QUIET_TIME) {
            self.not_told = self.not_told.saturating_add(1);
            return None;
        }
        self.told_at = Some(now);
        Some(std::mem::take(&mut self.not_told))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_told_once_and_again_with_its_count_when_time_has_passed() {
        let mut limiter = LogLimiter::default();
        let begin = Instant::now();
        assert_eq!(limiter.note(begin), Some(0));
        assert_eq!(limiter.note(begin), None);
        assert_eq!(limiter.note(begin + QUIET_TIME / 2), None);
        assert_eq!(limiter.note(begin + QUIET_TIME), Some(2));
        assert_eq!(limiter.note(begin + QUIET_TIME), None);
    }
}
