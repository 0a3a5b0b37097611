use std::{
    sync::{Mutex, PoisonError},
    time::Instant,
};

use crate::{refusal::Refusal, throttle::Throttle};

/// Tells an operator why requests are refused, without letting a client write the log: one line per reason and 10 s.
#[derive(Debug, Default)]
pub(crate) struct RefusalLog(Mutex<Vec<(&'static str, Throttle)>>);

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

    fn note(&self, reason: &'static str, now: Instant) -> Option<u64> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, throttle)) = all.iter_mut().find(|(noted, _)| *noted == reason) {
            return throttle.note(now);
        }
        let mut throttle = Throttle::default();
        let first = throttle.note(now);
        all.push((reason, throttle));
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_is_told_for_itself() {
        let log = RefusalLog::default();
        let now = Instant::now();
        assert_eq!(log.note("a", now), Some(0));
        assert_eq!(log.note("b", now), Some(0));
        assert_eq!(log.note("a", now), None);
    }
}
