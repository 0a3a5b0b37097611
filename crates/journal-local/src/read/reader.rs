use std::sync::Arc;

use kalends_journal::{Frame, FrameReader, ReadError};

use crate::{error::SegmentError, read::cursor::Cursor, shared::SharedState};

/// Reads synced frames in order. One that stands in a segment can read it to its end even when retention removes it.
#[derive(Debug)]
pub(crate) struct Reader {
    shared: Arc<SharedState>,
    position: u64,
    synced: u64,
    cursor: Option<Cursor>,
}

impl Reader {
    pub(crate) fn new(shared: Arc<SharedState>, position: u64) -> Self {
        Self { shared, position, synced: 0, cursor: None }
    }

    fn advance(&mut self) -> Result<bool, SegmentError> {
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

impl FrameReader for Reader {
    fn next(&mut self) -> Result<Option<Frame<'_>>, ReadError> {
        match self.advance() {
            Ok(true) => Ok(self.cursor.as_ref().and_then(Cursor::frame)),
            Ok(false) => Ok(None),
            Err(error) => {
                self.cursor = None;
                Err(error.into())
            }
        }
    }

    fn position(&self) -> u64 {
        self.position
    }
}
