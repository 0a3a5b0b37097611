use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use kalends_journal::LogPosition;

use crate::format::segment_name;

/// One file of the journal, as readers and the writer share it.
#[derive(Debug)]
pub(crate) struct Segment {
    /// Where it lies.
    pub(crate) path: PathBuf,
    /// The last frame before it: its first frame has the next position.
    pub(crate) before: LogPosition,
    /// Bytes of the file that are synced: header, groups, seal.
    synced_bytes: AtomicU64,
}

impl Segment {
    /// The segment that begins behind `before`, of which `synced_bytes` are on disk.
    pub(crate) fn new(directory: &Path, before: LogPosition, synced_bytes: u64) -> Self {
        let path = segment_name::path(directory, before.position + 1);
        Self { path, before, synced_bytes: AtomicU64::new(synced_bytes) }
    }

    /// The position of its first frame.
    pub(crate) fn first(&self) -> u64 {
        self.before.position + 1
    }

    /// How much of the file is synced.
    pub(crate) fn synced_bytes(&self) -> u64 {
        self.synced_bytes.load(Ordering::Acquire)
    }

    /// About how many bytes its frames behind `position` take, when `last` is its last one.
    pub(crate) fn bytes_after(&self, position: u64, last: u64) -> u64 {
        let frames = last.saturating_sub(self.before.position);
        let after = last.saturating_sub(position.max(self.before.position));
        let part = u128::from(self.synced_bytes()) * u128::from(after) / u128::from(frames.max(1));
        u64::try_from(part).unwrap_or(u64::MAX)
    }

    /// Says that the file is synced up to `bytes`.
    pub(crate) fn set_synced_bytes(&self, bytes: u64) {
        self.synced_bytes.store(bytes, Ordering::Release);
    }
}
