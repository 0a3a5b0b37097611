use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::sync::mpsc;

use crate::{
    error::ReadError,
    format::{gap::UNKNOWN_CHAIN, identity::FormerIdentity},
    position::{Chain, LogPosition, LowWatermark, Usage},
    read::{cursor::Cursor, reader::Reader},
    shared::{SharedState, queue::Command},
};

/// Reads a journal and tells it what may be removed. Cheap to clone; give each thread that waits a clone of its own.
#[derive(Debug)]
pub struct JournalReader {
    shared: Arc<SharedState>,
    queue: Option<mpsc::Sender<Command>>,
    seen_wakes: AtomicU64,
}

impl Clone for JournalReader {
    fn clone(&self) -> Self {
        let seen_wakes = AtomicU64::new(self.seen_wakes.load(Ordering::Relaxed));
        Self { shared: Arc::clone(&self.shared), queue: self.queue.clone(), seen_wakes }
    }
}

impl JournalReader {
    pub(crate) fn new(shared: Arc<SharedState>, queue: Option<mpsc::Sender<Command>>) -> Self {
        let seen_wakes = AtomicU64::new(shared.wakes());
        Self { shared, queue, seen_wakes }
    }

    /// The journal's identity: random bytes, made with its directory or when it was adopted.
    #[must_use]
    pub fn id(&self) -> [u8; 16] {
        self.shared.identity.id
    }

    /// The identity by which the frame at `position` is known: the present one, or the one that the journal had when it was
    /// stored.
    #[must_use]
    pub fn id_at(&self, position: u64) -> [u8; 16] {
        self.shared.identity.id_at(position)
    }

    /// The identities that the journal had before it was adopted, the oldest first.
    #[must_use]
    pub fn former_ids(&self) -> &[FormerIdentity] {
        &self.shared.identity.former
    }

    /// The last synced frame; [`JournalReader::genesis`] when there is none.
    #[must_use]
    pub fn synced(&self) -> LogPosition {
        self.shared.synced()
    }

    /// The last frame that is there: [`JournalReader::synced`], unless the journal ends in a gap that a repair has recorded.
    /// Who has this one has everything.
    #[must_use]
    pub fn last_frame(&self) -> LogPosition {
        self.shared.last_frame()
    }

    /// The mark before the first frame: position 0 and the checksum that the first frame's is chained to.
    #[must_use]
    pub fn genesis(&self) -> LogPosition {
        self.shared.identity.genesis()
    }

    /// The smallest position that can be read; one beyond the last when there is none.
    #[must_use]
    pub fn first_kept(&self) -> u64 {
        self.shared.before_first().position + 1
    }

    /// Bytes that can be appended before appends are refused, for the largest size or for want of disk, if no sink takes
    /// anything meanwhile. An estimate: asks the file system, and takes all frames of a segment for equally large.
    #[must_use]
    pub fn room(&self) -> u64 {
        self.shared.room()
    }

    /// Blocks until a frame beyond `position` is synced, the journal closes, the time is up or [`JournalReader::wake`] is called.
    /// Returns the last synced frame.
    #[must_use]
    pub fn wait_beyond(&self, position: u64, timeout: Duration) -> LogPosition {
        let seen = self.seen_wakes.load(Ordering::Relaxed);
        let (synced, wakes) = self.shared.wait_beyond(position, timeout, seen);
        self.seen_wakes.store(wakes, Ordering::Relaxed);
        synced
    }

    /// Ends every [`JournalReader::wait_beyond`]; for each clone of this handle that is not waiting now, the next one.
    pub fn wake(&self) {
        self.shared.wake();
    }

    /// The chained checksum at `position`. Reads up to one segment.
    ///
    /// # Errors
    /// [`ReadError::Damaged`], [`ReadError::Io`].
    pub fn chain_at(&self, position: u64) -> Result<Chain, ReadError> {
        let synced = self.synced();
        if position >= synced.position {
            let same = position == synced.position;
            return Ok(if same { known(synced, position) } else { Chain::Ahead });
        }
        match Cursor::behind(&self.shared, position) {
            Ok(cursor) => Ok(known(cursor.scanner().last(), position)),
            Err(ReadError::Gone { .. }) => Ok(Chain::Gone),
            Err(error) => Err(error),
        }
    }

    /// The last frame older than `time` (microseconds since the Unix epoch). When every kept frame is younger:
    /// the mark right before the first kept frame. Reads up to one segment.
    ///
    /// # Errors
    /// [`ReadError::Damaged`], [`ReadError::Io`].
    pub fn mark_before(&self, time: i64) -> Result<LogPosition, ReadError> {
        let synced = self.synced();
        if synced.time < time {
            return Ok(synced);
        }
        while let Some(segment) = self.shared.segment_before(time) {
            let first = segment.first();
            match Cursor::at_start(&self.shared, segment).and_then(|cursor| last_before(cursor, time)) {
                Err(ReadError::Io { .. }) if first < self.first_kept() => {}
                mark => return mark,
            }
        }
        Ok(self.shared.before_first())
    }

    /// A reader whose first frame is the one at `position` + 1. Its first read says so if that is no longer kept.
    #[must_use]
    pub fn read_after(&self, position: u64) -> Reader {
        Reader::new(Arc::clone(&self.shared), position)
    }

    /// Says what may be removed. Until the first call nothing is.
    pub fn set_low_watermark(&self, watermark: LowWatermark) {
        let aged = self.shared.set_low_watermark(watermark);
        if let Some(queue) = self.queue.as_ref().filter(|_| aged) {
            // With a full queue the writer is at work, and looks at the watermark after each group.
            drop(queue.try_send(Command::Check));
        }
    }

    /// What the journal holds and how full it is.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.shared.usage()
    }
}

fn known(mark: LogPosition, position: u64) -> Chain {
    let known = mark.position == position && mark.chain != UNKNOWN_CHAIN;
    if known { Chain::Known(mark.chain) } else { Chain::Lost }
}

fn last_before(mut cursor: Cursor, time: i64) -> Result<LogPosition, ReadError> {
    let mut mark = cursor.scanner().last();
    while cursor.advance()? && cursor.scanner().last().time < time {
        mark = cursor.scanner().last();
    }
    Ok(mark)
}
