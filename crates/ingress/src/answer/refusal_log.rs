use std::{
    sync::{Mutex, PoisonError},
    time::Instant,
};

use crate::answer::{log_limiter::LogLimiter, refusal::Refusal, request_id::RequestId};

/// Tells an operator why requests are refused, without letting a client write the log: one line per reason and 10 s; each
/// of them only to who has chosen to see `debug`.
#[derive(Debug, Default)]
pub(crate) struct RefusalLog(Mutex<Vec<(&'static str, LogLimiter)>>);

impl RefusalLog {
    /// `request` is none's where a connection was refused before it could ask.
    pub(crate) fn tell(&self, refusal: Refusal, request: Option<RequestId>) {
        let reason = refusal.reason();
        let request_id = request.map(tracing::field::display);
        if let Some(not_told) = self.note(reason, Instant::now()) {
            tracing::warn!(
                request_id,
                reason,
                not_told,
                "request refused; more of the same reason are only counted for 10 s"
            );
        } else {
            tracing::debug!(request_id, reason, "request refused");
        }
    }

    fn note(&self, reason: &'static str, now: Instant) -> Option<u64> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, limiter)) = all.iter_mut().find(|(noted, _)| *noted == reason) {
            return limiter.note(now);
        }
        let mut limiter = LogLimiter::default();
        let first = limiter.note(now);
        all.push((reason, limiter));
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
