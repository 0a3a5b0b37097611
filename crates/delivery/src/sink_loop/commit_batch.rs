use std::time::{Duration, Instant};

use kalends_sink::Pacing;

/// A commit that moves nothing but the checkpoint can wait longer.
const IDLE_DELAY: Duration = Duration::from_secs(5);

/// So long at least may records of a backlog wait: they are late already, and a commit that takes more of them costs as much.
const BACKLOG_DELAY: Duration = Duration::from_secs(1);

/// What was taken since the last commit.
#[derive(Debug, Default)]
pub(crate) struct CommitBatch {
    records: usize,
    bytes: u64,
    /// When the first record was written.
    written: Option<Instant>,
    /// When the first event was passed over.
    passed: Option<Instant>,
}

impl CommitBatch {
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
    pub(crate) fn due_in(&self, pacing: &Pacing, backlog: bool, now: Instant) -> Option<Duration> {
        if self.records >= pacing.records || self.bytes >= pacing.bytes {
            return Some(Duration::ZERO);
        }
        let delay = if backlog { pacing.delay.max(BACKLOG_DELAY) } else { pacing.delay };
        let written = self.written.map(|since| since + delay);
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
        let mut batch = CommitBatch::default();
        assert_eq!(batch.due_in(&PACING, false, now), None);
        batch.wrote(1, 10, now);
        assert_eq!(batch.due_in(&PACING, false, now), Some(PACING.delay));
        assert_eq!(batch.due_in(&PACING, false, now + PACING.delay), Some(Duration::ZERO));
        batch.wrote(1, 90, now);
        assert_eq!(batch.due_in(&PACING, false, now), Some(Duration::ZERO));
    }

    #[test]
    fn events_passed_over_are_committed_too_but_later() {
        let now = Instant::now();
        let mut batch = CommitBatch::default();
        batch.passed(now);
        assert!(!batch.is_empty());
        assert_eq!(batch.due_in(&PACING, false, now), Some(IDLE_DELAY));
    }

    #[test]
    fn a_backlog_is_committed_in_larger_groups_than_what_has_just_come() {
        let now = Instant::now();
        let pacing = Pacing { delay: Duration::from_millis(100), ..PACING };
        let mut batch = CommitBatch::default();
        batch.wrote(1, 10, now);
        assert_eq!(batch.due_in(&pacing, false, now), Some(pacing.delay));
        assert_eq!(batch.due_in(&pacing, true, now), Some(BACKLOG_DELAY));
        batch.wrote(9, 10, now);
        assert_eq!(batch.due_in(&pacing, true, now), Some(Duration::ZERO));
    }
}
