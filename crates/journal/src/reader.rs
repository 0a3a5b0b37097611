use crate::ReadError;

/// One payload as it was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Its position; the first frame has 1.
    pub position: u64,
    /// Its journal time, in microseconds since the Unix epoch; never before that of the frame before.
    pub time: i64,
    /// Its checksum, chained over the frame before it.
    pub chain: u64,
    /// The bytes that were appended.
    pub payload: &'a [u8],
}

/// Reads synced frames in order.
#[derive(Debug)]
pub struct Reader {}

impl Reader {
    /// The next frame; `None` at the synced end, where a later call goes on.
    ///
    /// # Errors
    /// Every [`ReadError`]. The reader stays where it was; calling again tries again.
    #[expect(clippy::should_implement_trait, reason = "the frame borrows from the reader")]
    pub fn next(&mut self) -> Result<Option<Frame<'_>>, ReadError> {
        unimplemented!()
    }

    /// The position of the last frame returned, or the one that reading began after.
    #[must_use]
    pub fn position(&self) -> u64 {
        unimplemented!()
    }
}
