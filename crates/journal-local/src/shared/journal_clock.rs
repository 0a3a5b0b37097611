use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use crate::settings::ClockSource;

/// How fast journal time makes up for a jump of the wall clock: a thirty-second part faster or slower than real time.
const CATCH_UP: u32 = 32;

/// Makes journal time of readings of the wall clock.
#[derive(Debug)]
pub(crate) struct JournalClock {
    source: ClockSource,
    last: Mutex<Reading>,
    /// Journal time by which history was removed for its age.
    reached: AtomicI64,
}

#[derive(Debug, Clone, Copy)]
struct Reading {
    /// Journal time, in nanoseconds since the Unix epoch.
    nanos: i128,
    /// When it was read; `None` before the first reading of this run.
    at: Option<Instant>,
}

impl JournalClock {
    /// A clock that goes on where the journal ends, at journal time `last`.
    pub(crate) fn new(source: ClockSource, last: i64) -> Self {
        let last = Reading { nanos: i128::from(last) * 1000, at: None };
        Self { source, last: Mutex::new(last), reached: AtomicI64::new(i64::MIN) }
    }

    /// Journal time while the wall clock shows `wall`. Both in microseconds since the Unix epoch.
    /// `now` is when it did by the steady clock.
    pub(crate) fn at(&self, wall: i64, now: Instant) -> i64 {
        let time = match self.source {
            ClockSource::Given => wall,
            ClockSource::Steady => self.steady(wall, now),
        };
        time.max(self.reached.load(Ordering::Relaxed))
    }

    /// Lets journal time not go back behind `time`, whatever the wall clock shows: what was too old then is gone.
    pub(crate) fn reach(&self, time: i64) {
        self.reached.fetch_max(time, Ordering::Relaxed);
    }

    fn steady(&self, wall: i64, now: Instant) -> i64 {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let wall = i128::from(wall) * 1000;
        let nanos = match last.at {
            // Nobody knows for how long there was no process: the wall clock has to be believed.
            None => wall.max(last.nanos),
            Some(at) => {
                let elapsed = now.saturating_duration_since(at);
                let (slack, elapsed) = (nanos(elapsed / CATCH_UP), nanos(elapsed));
                wall.clamp(last.nanos + elapsed - slack, last.nanos + elapsed + slack)
            }
        };
        *last = Reading { nanos, at: last.at.max(Some(now)) };
        i64::try_from(nanos / 1000).unwrap_or(i64::MAX)
    }
}

fn nanos(duration: Duration) -> i128 {
    i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;
    const YEAR: i64 = 365 * 86_400 * SECOND;

    /// Journal time at each of these: seconds of real time, and what the wall clock shows then.
    fn read(last: i64, readings: &[(u64, i64)]) -> Vec<i64> {
        let (clock, begin) = (JournalClock::new(ClockSource::Steady, last), Instant::now());
        let read = |(seconds, wall): &(u64, i64)| clock.steady(*wall, begin + Duration::from_secs(*seconds));
        readings.iter().map(read).collect()
    }

    #[test]
    fn a_clock_that_is_right_is_followed() {
        assert_eq!(read(0, &[(0, YEAR), (10, YEAR + 10 * SECOND)]), [YEAR, YEAR + 10 * SECOND]);
    }

    #[test]
    fn a_jump_forward_and_back_again_leaves_no_trace() {
        let times = read(0, &[(0, YEAR), (32, 9 * YEAR), (64, YEAR + 64 * SECOND)]);
        assert_eq!(times, [YEAR, YEAR + 33 * SECOND, YEAR + 64 * SECOND]);
    }

    #[test]
    fn a_jump_back_neither_stops_journal_time_nor_turns_it() {
        assert_eq!(read(0, &[(0, YEAR), (32, 0), (64, 0)]), [YEAR, YEAR + 31 * SECOND, YEAR + 62 * SECOND]);
    }

    #[test]
    fn a_clock_that_stays_ahead_is_reached() {
        let ahead = |seconds: i64| YEAR + (seconds + 60) * SECOND;
        let times = read(0, &[(0, YEAR), (32 * 30, ahead(32 * 30)), (32 * 90, ahead(32 * 90))]);
        assert_eq!(times[1], YEAR + 33 * 30 * SECOND);
        assert_eq!(times[2], ahead(32 * 90));
    }

    #[test]
    fn readings_close_together_lose_nothing() {
        let (clock, begin) = (JournalClock::new(ClockSource::Steady, 0), Instant::now());
        let mut time = clock.steady(YEAR, begin);
        for step in 1..=1000 {
            time = clock.steady(2 * YEAR, begin + Duration::from_micros(step * 10));
        }
        assert_eq!(time, YEAR + 10_312);
    }

    #[test]
    fn it_goes_on_where_the_journal_ends_and_believes_a_later_wall_clock() {
        assert_eq!(read(YEAR, &[(0, 0)]), [YEAR]);
        assert_eq!(read(YEAR, &[(0, 2 * YEAR)]), [2 * YEAR]);
    }

    #[test]
    fn no_time_is_before_one_that_was_reached() {
        for source in [ClockSource::Given, ClockSource::Steady] {
            let clock = JournalClock::new(source, YEAR);
            clock.reach(3 * YEAR);
            clock.reach(2 * YEAR);
            let now = Instant::now();
            assert_eq!([clock.at(YEAR, now), clock.at(0, now)], [3 * YEAR; 2], "{source:?}");
        }
    }

    #[test]
    fn given_times_are_taken_as_they_are() {
        let clock = JournalClock::new(ClockSource::Given, YEAR);
        assert_eq!([5, 9 * YEAR, 0].map(|time| clock.at(time, Instant::now())), [5, 9 * YEAR, 0]);
    }
}
