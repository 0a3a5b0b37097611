use std::{path::PathBuf, time::Duration};

use kalends_journal::check_sizes;

use crate::{error::OpenError, storage::to_u64};

const MAX_QUEUE: usize = 1 << 20;

/// Where a journal lives and how large it may grow.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The journal's directory; made when it doesn't exist.
    pub directory: PathBuf,
    /// Size, in bytes, at which a segment is sealed and the next one begun. Default 64 MiB.
    /// Never more than a quarter of `max_bytes`, so that there is always something whole to remove.
    pub segment_bytes: u64,
    /// Most bytes that all segments together may take. Default 10 GiB.
    pub max_bytes: u64,
    /// Free bytes of the file system below which appends are refused. Default 64 MiB: opening the journal
    /// copies its last segment, and must not fail for want of room.
    pub min_free_bytes: u64,
    /// How long frames are kept after every sink has them. Default 7 days.
    pub retain: Duration,
    /// Most appends that may wait for the writer. Default 4096.
    pub queue: usize,
    /// Largest payload, in bytes. Default 2 MiB.
    pub max_payload_bytes: usize,
    /// Whether a directory without a journal is refused, so that a disk that is not mounted begins no new one. Default no.
    pub require_existing: bool,
    /// Where journal time comes from. Default [`ClockSource::Given`].
    pub clock: ClockSource,
}

impl Settings {
    /// The defaults, for a journal in `directory`.
    #[must_use]
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
            segment_bytes: 64 << 20,
            max_bytes: 10 << 30,
            min_free_bytes: 64 << 20,
            retain: Duration::from_hours(7 * 24),
            queue: 4096,
            max_payload_bytes: 2 << 20,
            require_existing: false,
            clock: ClockSource::default(),
        }
    }

    /// Holds that a journal can be opened with these settings.
    ///
    /// # Errors
    /// [`OpenError::Settings`].
    pub fn check(&self) -> Result<(), OpenError> {
        if self.queue == 0 || self.queue > MAX_QUEUE {
            let queue = self.queue;
            let problem = format!("the queue must have room for 1 to {MAX_QUEUE} appends, not {queue}");
            return Err(OpenError::Settings(problem));
        }
        check_sizes(to_u64(self.max_payload_bytes), self.max_bytes)
            .map_err(|fault| OpenError::Settings(fault.to_string()))
    }
}

/// Where journal time comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ClockSource {
    /// That of the times that the journal is given, but for never going back.
    #[default]
    Given,
    /// That of the machine's steady clock. When the given times jump, journal time follows slowly, so that nothing grows
    /// old at once and nothing stays young for long.
    Steady,
}
