use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::refusal::Refusal;

/// How long a reason stays quiet after it was logged.
const QUIET: Duration = Duration::from_secs(10);

/// Tells an operator why requests are refused, without letting a client write the log: one line per reason and 10 s.
#[derive(Debug, Default)]
pub(crate) struct RefusalLog(Mutex<Vec<Told>>);

#[derive(Debug)]
struct Told {
    reason: &'static str,
    at: Instant,
    since: u64,
}

impl RefusalLog {
    pub(crate) fn tell(&self, refusal: Refusal) {
        let reason = refusal.reason();
        if let Some(not_told) = self.note(reason, Instant::now()) {
            tracing::warn!(
                reason,
                not_told,
                "request refused; more of the same reason are only counted for 10 s"
            );
        }
    }

    /// How many were not told since the last one that was; `None` when this one is not to be told either.
    fn note(&self, reason: &'static str, now: Instant) -> Option<u64> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(told) = all.iter_mut().find(|told| told.reason == reason) else {
            all.push(Told { reason, at: now, since: 0 });
            return Some(0);
        };
        if now.saturating_duration_since(told.at) < QUIET {
            told.since = told.since.saturating_add(1);
            return None;
        }
        told.at = now;
        Some(std::mem::take(&mut told.since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_told_once_and_again_with_its_count_when_time_has_passed() {
        let log = RefusalLog::default();
        let begin = Instant::now();
        assert_eq!(log.note("a", begin), Some(0));
        assert_eq!(log.note("a", begin), None);
        assert_eq!(log.note("b", begin), Some(0));
        assert_eq!(log.note("a", begin + QUIET / 2), None);
        assert_eq!(log.note("a", begin + QUIET), Some(2));
        assert_eq!(log.note("a", begin + QUIET), None);
    }
}
