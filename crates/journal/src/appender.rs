use bytes::Bytes;

use crate::AppendError;

/// Whether the journal can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// Appends are taken.
    Writable,
    /// The disk is full or the largest size is reached. Ends by itself when there is room.
    Full,
    /// A sync has failed: no append is taken until the journal is opened anew.
    Poisoned,
    /// The journal is closed or closing.
    Closed,
}

/// Stores payloads. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Appender {}

impl Appender {
    /// Stores `payload` and returns its position once it is on disk.
    ///
    /// `wall_time` is in microseconds since the Unix epoch. The frame's journal time is the later of it and the
    /// time of the frame before.
    ///
    /// # Errors
    /// Every [`AppendError`]. After [`AppendError::Poisoned`] and [`AppendError::Closed`] the payload may or may not be
    /// stored; after the others it is not.
    ///
    /// # Cancel safety
    /// If the future is dropped, the payload may still be stored.
    #[expect(clippy::unused_async, reason = "skeleton")]
    pub async fn append(&self, wall_time: i64, payload: Bytes) -> Result<u64, AppendError> {
        unimplemented!("{wall_time} {payload:?}")
    }

    /// Whether the journal can be written now.
    #[must_use]
    pub fn health(&self) -> Health {
        unimplemented!()
    }

    /// Waits until a sync has failed; for ever, if none fails.
    ///
    /// # Cancel safety
    /// Safe: it only waits.
    pub async fn poisoned(&self) {
        std::future::pending().await
    }
}
