use std::time::{SystemTime, UNIX_EPOCH};

/// Microseconds since the Unix epoch, now. The one place where a webhook's receive time comes from.
#[expect(clippy::disallowed_methods, reason = "ingress is where a receive time enters the system")]
pub(crate) fn now() -> i64 {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_micros()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_micros()).map_or(i64::MIN, |micros| -micros),
    }
}
