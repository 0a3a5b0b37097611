use std::time::{Duration, Instant};

use kalends_sink::Pacing;

/// A commit that moves nothing but the checkpoint can wait longer.
const IDLE_DELAY: Duration = Duration::from_secs(5);

/// What was taken since the last commit.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    records: usize,
    bytes: u64,
    /// When the first record was written.
    written: Option<Instant>,
    /// When the first event was passed over.
    passed: Option<Instant>,
}

impl Pending {
    pub(crate) fn wrote(&mut self, records: usize, bytes: u64, now: Instant) {
        self.records += records;
        self.bytes += bytes;
        self.written.get_or_insert(now);
    }

    pub(crate) fn passed(&mut self, now: Instant) {
        self.passed.get_or_insert(now);
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.written.is_none() && self.passed.is_none()
    }

    /// Records written since the last commit.
    pub(crate) const fn records(&self) -> usize {
        self.records
    }

    /// How many more records fit before the commit falls due.
    pub(crate) fn room(&self, pacing: &Pacing) -> usize {
        pacing.records.saturating_sub(self.records).max(1)
    }

    /// How long until the commit falls due: zero when it is; `None` when there is nothing to commit.
    pub(crate) fn due_in(&self, pacing: &Pacing, now: Instant) -> Option<Duration> {
        if self.records >= pacing.records || self.bytes >= pacing.bytes {
            return Some(Duration::ZERO);
        }
        let written = self.written.map(|since| since + pacing.delay);
        let passed = self.passed.map(|since| since + pacing.delay.max(IDLE_DELAY));
        let due = written.into_iter().chain(passed).min()?;
        Some(due.saturating_duration_since(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACING: Pacing = Pacing { records: 10, bytes: 100, delay: Duration::from_secs(1) };

    #[test]
    fn a_commit_falls_due_at_whichever_bound_comes_first() {
        let now = Instant::now();
        let mut pending = Pending::default();
        assert_eq!(pending.due_in(&PACING, now), None);
        pending.wrote(1, 10, now);
        assert_eq!(pending.due_in(&PACING, now), Some(PACING.delay));
        assert_eq!(pending.due_in(&PACING, now + PACING.delay), Some(Duration::ZERO));
        pending.wrote(1, 90, now);
        assert_eq!(pending.due_in(&PACING, now), Some(Duration::ZERO));
    }

    #[test]
    fn events_passed_over_are_committed_too_but_later() {
        let now = Instant::now();
        let mut pending = Pending::default();
        pending.passed(now);
        assert!(!pending.is_empty());
        assert_eq!(pending.due_in(&PACING, now), Some(IDLE_DELAY));
    }
}
