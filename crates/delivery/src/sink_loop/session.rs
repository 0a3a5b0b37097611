use std::{collections::BTreeSet, time::Instant};

use kalends_sink::{Checkpoint, Pacing, Record};

use super::commit_batch::CommitBatch;

/// How far a session has read, and what of that is not committed yet.
pub(crate) struct Session {
    pub(super) at: Checkpoint,
    pub(super) time: Option<i64>,
    pub(super) batch: CommitBatch,
    pub(super) attempt: Attempt,
    /// Dead letters written and not noted yet.
    pub(super) dead_letters: Vec<(u64, &'static str)>,
    pub(super) pacing: Pacing,
    pub(super) noted: Instant,
}

/// What was handed to the destination since the last commit, whether it was taken or not.
#[derive(Debug, Default)]
pub(crate) struct Attempt {
    pub(super) records: usize,
    /// The position of the last record.
    pub(super) last: u64,
    /// The streams that got more than dead letters.
    pub(super) streams: BTreeSet<usize>,
    /// The destination itself has failed on it.
    pub(super) has_failed: bool,
}

impl Attempt {
    pub(super) fn add(&mut self, records: &[Record<'_>]) {
        self.records += records.len();
        self.last = records.last().map_or(self.last, |record| record.position);
        let sound = records.iter().filter(|record| record.dead_letter.is_none());
        self.streams.extend(sound.map(|record| record.stream));
    }
}
