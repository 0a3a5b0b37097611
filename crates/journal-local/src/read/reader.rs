use std::sync::Arc;

use crate::{error::ReadError, format::frame::Frame, read::cursor::Cursor, shared::SharedState};

/// Reads synced frames in order. One that stands in a segment can read it to its end even when retention removes it.
#[derive(Debug)]
pub struct Reader {
    shared: Arc<SharedState>,
    position: u64,
    synced: u64,
    cursor: Option<Cursor>,
}

impl Reader {
    pub(crate) fn new(shared: Arc<SharedState>, position: u64) -> Self {
        Self { shared, position, synced: 0, cursor: None }
    }

    /// The next frame; `None` at the synced end, where a later call goes on. Over a recorded gap the position jumps.
    ///
    /// # Errors
    /// Every [`ReadError`]. The reader stays where it was, and the next call reads again from disk.
    #[expect(clippy::should_implement_trait, reason = "the frame borrows from the reader")]
    pub fn next(&mut self) -> Result<Option<Frame<'_>>, ReadError> {
        match self.advance() {
            Ok(true) => Ok(self.cursor.as_ref().and_then(Cursor::frame)),
            Ok(false) => Ok(None),
            Err(error) => {
                self.cursor = None;
                Err(error)
            }
        }
    }

    /// The position of the last frame returned, or the one that reading began after; at the synced end also the last one of
    /// a recorded gap there.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.position
    }

    fn advance(&mut self) -> Result<bool, ReadError> {
        loop {
            if self.position >= self.synced {
                self.synced = self.shared.synced().position;
                if self.position >= self.synced {
                    return Ok(false);
                }
            }
            let cursor = match &mut self.cursor {
                Some(cursor) => cursor,
                none => none.insert(Cursor::behind(&self.shared, self.position)?),
            };
            if cursor.advance()? {
                self.position = cursor.scanner().last().position;
                return Ok(true);
            }
            self.position = self.position.max(cursor.scanner().last().position);
            let next = self.shared.segment_of(self.position + 1);
            let stays = next.is_some_and(|next| next.first() == cursor.segment().first());
            if stays && self.position < self.synced {
                return Err(cursor.damaged());
            }
            if !stays {
                self.cursor = None;
            }
        }
    }
}
