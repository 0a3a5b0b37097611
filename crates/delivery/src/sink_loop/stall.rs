use std::time::{Duration, Instant};

/// Longest time for which a destination may fail on the same batch before the batch is divided.
const MAX_STALL: Duration = Duration::from_mins(15);

/// A destination that can't be connected to for so long is away. One that is back sooner may have died of the batch.
const MAX_ABSENCE: Duration = Duration::from_mins(1);

/// The time for which a destination has failed on the same batch in a way that may pass by itself, though connecting works.
#[derive(Debug, Default)]
pub(crate) struct Stall {
    failing: Duration,
    /// Begin of the time of failing that is not in `failing` yet.
    counted: Option<Instant>,
    /// Since when connecting fails.
    away_since: Option<Instant>,
}

impl Stall {
    /// Connecting has failed.
    pub(crate) fn away(&mut self, now: Instant) {
        self.away_since.get_or_insert(now);
    }

    /// Connecting works. The time of an absence does not count.
    pub(crate) fn connected(&mut self, now: Instant) {
        let Some(since) = self.away_since.take() else { return };
        if now.saturating_duration_since(since) >= MAX_ABSENCE {
            self.counted = self.counted.map(|_| now);
        }
    }

    /// The destination has failed on the batch. Returns whether it has done so for long enough to divide the batch.
    pub(crate) fn failed(&mut self, now: Instant) -> bool {
        self.failing += now.saturating_duration_since(self.counted.unwrap_or(now));
        self.counted = Some(now);
        self.failing >= MAX_STALL
    }

    /// The destination has asked to wait. The time until the next failure does not count.
    pub(crate) fn asked_to_wait(&mut self) {
        self.counted = None;
    }

    /// The destination has taken something. While a part of the batch is still searched, the next failure divides again at
    /// once.
    pub(crate) fn committed(&mut self, is_searching: bool) {
        if !is_searching {
            *self = Self::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    #[test]
    fn time_of_failing_counts_and_time_away_does_not() {
        let (mut stall, begin) = (Stall::default(), Instant::now());
        assert!(!stall.failed(begin));
        stall.connected(begin + 10 * MINUTE);
        assert!(!stall.failed(begin + 10 * MINUTE));
        stall.away(begin + 10 * MINUTE);
        stall.away(begin + 50 * MINUTE);
        stall.connected(begin + 60 * MINUTE);
        assert!(!stall.failed(begin + 64 * MINUTE));
        assert!(stall.failed(begin + 65 * MINUTE));
    }

    #[test]
    fn time_that_the_destination_asks_for_does_not_count() {
        let (mut stall, begin) = (Stall::default(), Instant::now());
        assert!(!stall.failed(begin));
        assert!(!stall.failed(begin + 10 * MINUTE));
        stall.asked_to_wait();
        assert!(!stall.failed(begin + 70 * MINUTE));
        assert!(!stall.failed(begin + 74 * MINUTE));
        assert!(stall.failed(begin + 75 * MINUTE));
    }

    #[test]
    fn destination_that_dies_of_a_batch_and_comes_back_counts_as_failing() {
        let (mut stall, begin) = (Stall::default(), Instant::now());
        let is_stalled = (0..31).map(|round| {
            let now = begin + round * MINUTE / 2;
            stall.connected(now);
            let is_stalled = stall.failed(now);
            stall.away(now);
            is_stalled
        });
        assert_eq!(is_stalled.filter(|is_stalled| *is_stalled).count(), 1, "after 15 minutes");
    }

    #[test]
    fn commit_ends_a_stall_but_not_the_search_for_its_cause() {
        let (mut stall, begin) = (Stall::default(), Instant::now());
        stall.failed(begin);
        assert!(stall.failed(begin + 15 * MINUTE));
        stall.committed(true);
        assert!(stall.failed(begin + 15 * MINUTE));
        stall.committed(false);
        assert!(!stall.failed(begin + 15 * MINUTE));
    }
}
