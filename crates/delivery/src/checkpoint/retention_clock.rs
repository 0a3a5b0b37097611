use std::{
    sync::{Mutex, PoisonError},
    time::Instant,
};

use crate::runtime::clock::Clock;

/// What time it is for what may be removed for its age.
///
/// A wall clock that is set ahead for a moment must not make the journal forget what it could never remember again. So only as
/// much time counts as this process has seen pass, or as the journal itself has seen, whose time never goes back.
#[derive(Debug)]
pub(crate) struct RetentionClock {
    clock: Clock,
    anchor: Mutex<Anchor>,
}

#[derive(Debug, Clone, Copy)]
struct Anchor {
    time: i64,
    at: Instant,
}

impl RetentionClock {
    pub(crate) fn new(clock: Clock) -> Self {
        let anchor = Anchor { time: clock.now(), at: clock.steady() };
        Self { clock, anchor: Mutex::new(anchor) }
    }

    /// Microseconds since the Unix epoch; `last` is the time of the journal's last frame.
    pub(crate) fn now(&self, last: i64) -> i64 {
        let mut anchor = self.anchor.lock().unwrap_or_else(PoisonError::into_inner);
        let at = self.clock.steady();
        let passed = i64::try_from(at.saturating_duration_since(anchor.at).as_micros()).unwrap_or(i64::MAX);
        let seen = anchor.time.saturating_add(passed);
        if last > seen {
            *anchor = Anchor { time: last, at };
        }
        seen.min(self.clock.now()).max(last)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicI64, Ordering::Relaxed},
        },
        time::Duration,
    };

    use super::*;

    #[test]
    fn only_time_that_has_passed_makes_anything_older() {
        let (wall, passed) = (Arc::new(AtomicI64::new(1_000)), Arc::new(AtomicI64::new(0)));
        let (begun, theirs, seconds) = (Instant::now(), Arc::clone(&wall), Arc::clone(&passed));
        let steady = move || begun + Duration::from_micros(seconds.load(Relaxed).unsigned_abs());
        let retention_clock =
            RetentionClock::new(Clock::new(move || theirs.load(Relaxed)).with_steady(steady));
        assert_eq!(retention_clock.now(0), 1_000);
        wall.store(9_000_000, Relaxed);
        assert_eq!(retention_clock.now(0), 1_000, "the wall clock alone was set ahead");
        passed.store(500, Relaxed);
        assert_eq!(retention_clock.now(0), 1_500);
        wall.store(200, Relaxed);
        assert_eq!(retention_clock.now(0), 200, "set back, it keeps what there is for longer");
        wall.store(9_000_000, Relaxed);
        assert_eq!(retention_clock.now(5_000), 5_000, "a frame was stored since it was set ahead");
        passed.store(700, Relaxed);
        assert_eq!(retention_clock.now(5_000), 5_200);
    }
}
