use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use kalends_journal::{
    Chain, FormerIdentity, FrameReader, JournalId, LogPosition, LowWatermark, ReadError, ShardId, ShardLog,
    Usage,
};
use tokio::sync::mpsc;

use crate::{
    error::SegmentError,
    format::gap::UNKNOWN_CHAIN,
    read::{cursor::Cursor, reader::Reader},
    shared::{SharedState, queue::Command},
};

/// The one shard of a journal in a directory. Each thread that waits has a handle of its own.
#[derive(Debug)]
pub(crate) struct JournalReader {
    shared: Arc<SharedState>,
    queue: Option<mpsc::Sender<Command>>,
    seen_wakes: AtomicU64,
}

impl JournalReader {
    pub(crate) fn new(shared: Arc<SharedState>, queue: Option<mpsc::Sender<Command>>) -> Self {
        let seen_wakes = AtomicU64::new(shared.wakes());
        Self { shared, queue, seen_wakes }
    }

    fn last_frame_before(&self, time: i64) -> Result<LogPosition, SegmentError> {
        while let Some(segment) = self.shared.segment_before(time) {
            let first = segment.first();
            match Cursor::at_start(&self.shared, segment).and_then(|cursor| last_before(cursor, time)) {
                Err(SegmentError::Io { .. }) if first < self.first_kept() => {}
                mark => return mark,
            }
        }
        Ok(self.shared.before_first())
    }
}

impl ShardLog for JournalReader {
    fn id(&self) -> JournalId {
        JournalId::new(self.shared.identity.id)
    }

    fn shard(&self) -> ShardId {
        ShardId::FIRST
    }

    fn former_ids(&self) -> &[FormerIdentity] {
        &self.shared.identity.former
    }

    fn synced(&self) -> LogPosition {
        self.shared.synced()
    }

    fn last_frame(&self) -> LogPosition {
        self.shared.last_frame()
    }

    fn first_kept(&self) -> u64 {
        self.shared.before_first().position + 1
    }

    fn wait_beyond(&self, position: u64, timeout: Duration) -> LogPosition {
        let seen = self.seen_wakes.load(Ordering::Relaxed);
        let (synced, wakes) = self.shared.wait_beyond(position, timeout, seen);
        self.seen_wakes.store(wakes, Ordering::Relaxed);
        synced
    }

    fn wake(&self) {
        self.shared.wake();
    }

    /// Reads up to one segment.
    fn chain_at(&self, position: u64) -> Result<Chain, ReadError> {
        let synced = self.synced();
        if position >= synced.position {
            let same = position == synced.position;
            return Ok(if same { known(synced, position) } else { Chain::Ahead });
        }
        match Cursor::behind(&self.shared, position) {
            Ok(cursor) => Ok(known(cursor.scanner().last(), position)),
            Err(SegmentError::Gone { .. }) => Ok(Chain::Gone),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads up to one segment.
    fn mark_before(&self, time: i64) -> Result<LogPosition, ReadError> {
        let synced = self.synced();
        if synced.time < time { Ok(synced) } else { Ok(self.last_frame_before(time)?) }
    }

    fn read_after(&self, position: u64) -> Box<dyn FrameReader> {
        Box::new(Reader::new(Arc::clone(&self.shared), position))
    }

    fn set_low_watermark(&self, watermark: LowWatermark) {
        let aged = self.shared.set_low_watermark(watermark);
        if let Some(queue) = self.queue.as_ref().filter(|_| aged) {
            // With a full queue the writer is at work, and looks at the watermark after each group.
            drop(queue.try_send(Command::Check));
        }
    }

    fn usage(&self) -> Usage {
        self.shared.usage()
    }

    /// Asks the file system, and takes all frames of a segment for equally large.
    fn room(&self) -> u64 {
        self.shared.room()
    }
}

fn known(mark: LogPosition, position: u64) -> Chain {
    let known = mark.position == position && mark.chain != UNKNOWN_CHAIN;
    if known { Chain::Known(mark.chain) } else { Chain::Lost }
}

fn last_before(mut cursor: Cursor, time: i64) -> Result<LogPosition, SegmentError> {
    let mut mark = cursor.scanner().last();
    while cursor.advance()? && cursor.scanner().last().time < time {
        mark = cursor.scanner().last();
    }
    Ok(mark)
}
