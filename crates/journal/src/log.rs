use std::time::Duration;

use crate::{Chain, Floor, Mark, ReadError, Reader, Usage};

/// Reads a journal and tells it what may be removed. Cheap to clone; give each thread that waits a clone of its own.
#[derive(Debug, Clone)]
pub struct Log {}

impl Log {
    /// The journal's identity: random bytes, made with its directory.
    #[must_use]
    pub fn id(&self) -> [u8; 16] {
        unimplemented!()
    }

    /// The last synced frame; [`Log::genesis`] when there is none.
    #[must_use]
    pub fn synced(&self) -> Mark {
        unimplemented!()
    }

    /// The mark before the first frame: position 0 and the checksum that the first frame's is chained to.
    #[must_use]
    pub fn genesis(&self) -> Mark {
        unimplemented!()
    }

    /// The smallest position that can be read; one beyond the last when there is none.
    #[must_use]
    pub fn first_kept(&self) -> u64 {
        unimplemented!()
    }

    /// Blocks until a frame beyond `position` is synced, the journal closes, the time is up or [`Log::wake`] is called.
    /// Returns the last synced frame.
    #[must_use]
    pub fn wait_beyond(&self, position: u64, timeout: Duration) -> Mark {
        unimplemented!("{position} {timeout:?}")
    }

    /// Ends every [`Log::wait_beyond`], also one that is about to begin.
    pub fn wake(&self) {
        unimplemented!()
    }

    /// The chained checksum at `position`. Reads up to one segment.
    ///
    /// # Errors
    /// [`ReadError::Damaged`], [`ReadError::Io`].
    pub fn chain_at(&self, position: u64) -> Result<Chain, ReadError> {
        unimplemented!("{position}")
    }

    /// The last frame older than `time` (microseconds since the Unix epoch). When every kept frame is younger:
    /// the mark right before the first kept frame.
    ///
    /// # Errors
    /// [`ReadError::Damaged`], [`ReadError::Io`].
    pub fn mark_before(&self, time: i64) -> Result<Mark, ReadError> {
        unimplemented!("{time}")
    }

    /// A reader whose first frame is the one at `position` + 1. A position that is no longer kept is reported by its first read.
    #[must_use]
    pub fn read_after(&self, position: u64) -> Reader {
        unimplemented!("{position}")
    }

    /// Says what may be removed. Until the first call nothing is.
    pub fn release(&self, floor: Floor) {
        unimplemented!("{floor:?}")
    }

    /// What the journal holds and how full it is.
    #[must_use]
    pub fn usage(&self) -> Usage {
        unimplemented!()
    }
}
