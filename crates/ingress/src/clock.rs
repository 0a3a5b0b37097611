use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

/// Source of a webhook's receive time, in microseconds since the Unix epoch.
#[derive(Clone)]
pub(crate) struct Clock(Arc<dyn Fn() -> i64 + Send + Sync>);

impl Clock {
    /// The machine's clock.
    pub(crate) fn of_the_machine() -> Self {
        Self(Arc::new(machine))
    }

    /// A clock that tests turn.
    #[cfg(feature = "test-util")]
    pub(crate) fn new(now: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    pub(crate) fn now(&self) -> i64 {
        (self.0)()
    }
}

#[expect(clippy::disallowed_methods, reason = "ingress is where a receive time enters the system")]
fn machine() -> i64 {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_micros()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_micros()).map_or(i64::MIN, |micros| -micros),
    }
}
