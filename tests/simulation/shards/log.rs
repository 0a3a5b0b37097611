use std::time::Duration;

use bytes::Bytes;
use kalends_journal::{
    Chain, FormerIdentity, Frame, FrameReader, JournalId, LogPosition, LowWatermark, ReadError, ShardId,
    ShardLog, Usage,
};

use super::journal::{Frames, JOURNAL, ShardedJournal, id};

/// A shard as one of its owners sees it. A former owner still reads, and removes nothing.
#[derive(Debug)]
pub(crate) struct OwnedShard {
    journal: ShardedJournal,
    shard: usize,
    epoch: u64,
}

impl OwnedShard {
    pub(crate) fn new(journal: ShardedJournal, shard: usize, epoch: u64) -> Self {
        Self { journal, shard, epoch }
    }

    fn frames<T>(&self, look: impl FnOnce(&mut Frames) -> T) -> T {
        look(&mut self.journal.brokers().shards[self.shard])
    }
}

impl ShardLog for OwnedShard {
    fn id(&self) -> JournalId {
        JOURNAL
    }

    fn shard(&self) -> ShardId {
        id(self.shard)
    }

    fn former_ids(&self) -> &[FormerIdentity] {
        &[]
    }

    fn synced(&self) -> LogPosition {
        self.frames(|frames| frames.durable)
    }

    fn last_frame(&self) -> LogPosition {
        self.synced()
    }

    fn first_kept(&self) -> u64 {
        self.frames(|frames| frames.before_first.position + 1)
    }

    fn wait_beyond(&self, _: u64, _: Duration) -> LogPosition {
        self.synced()
    }

    fn wake(&self) {}

    fn chain_at(&self, position: u64) -> Result<Chain, ReadError> {
        Ok(self.frames(|frames| {
            let known = |(at, _): &&(LogPosition, Bytes)| at.position == position;
            match position {
                _ if position > frames.durable.position => Chain::Ahead,
                _ if position == frames.before_first.position => Chain::Known(frames.before_first.chain),
                _ => frames.kept.iter().find(known).map_or(Chain::Gone, |(at, _)| Chain::Known(at.chain)),
            }
        }))
    }

    fn mark_before(&self, time: i64) -> Result<LogPosition, ReadError> {
        Ok(self.frames(|frames| {
            let durable = frames.kept.iter().filter(|(at, _)| at.position <= frames.durable.position);
            durable.map(|(at, _)| *at).take_while(|at| at.time < time).last().unwrap_or(frames.before_first)
        }))
    }

    fn read_after(&self, position: u64) -> Box<dyn FrameReader> {
        let shard = Self::new(self.journal.clone(), self.shard, self.epoch);
        Box::new(Reader { shard, position, read: None })
    }

    fn set_low_watermark(&self, watermark: LowWatermark) {
        let (epoch, old) = (self.epoch, watermark.time.saturating_sub(self.journal.retain));
        self.frames(|frames| {
            let may_go = |at: &LogPosition| {
                at.position <= watermark.all.min(watermark.read).min(watermark.required) && at.time < old
            };
            while frames.epoch == epoch && frames.kept.front().is_some_and(|(at, _)| may_go(at)) {
                frames.before_first = frames.kept.pop_front().unwrap().0;
            }
        });
    }

    fn usage(&self) -> Usage {
        let (first, last) = (self.first_kept(), self.synced());
        Usage {
            bytes: 0,
            max_bytes: u64::MAX,
            segments: 1,
            first,
            last: last.position,
            oldest_time: 0,
            last_time: last.time,
            evicted: 0,
            evicted_unread: 0,
        }
    }

    fn room(&self) -> u64 {
        u64::MAX
    }
}

#[derive(Debug)]
struct Reader {
    shard: OwnedShard,
    position: u64,
    read: Option<(LogPosition, Bytes)>,
}

impl FrameReader for Reader {
    fn next(&mut self) -> Result<Option<Frame<'_>>, ReadError> {
        let position = self.position + 1;
        self.read = self.shard.frames(|frames| {
            if position <= frames.before_first.position {
                return Err(ReadError::Gone { position, first_kept: frames.before_first.position + 1 });
            }
            let next = frames.kept.iter().find(|(at, _)| at.position == position);
            Ok(next.filter(|_| position <= frames.durable.position).cloned())
        })?;
        let Some((LogPosition { position, chain, time }, payload)) = &self.read else { return Ok(None) };
        self.position = *position;
        Ok(Some(Frame { position: *position, time: *time, chain: *chain, payload }))
    }

    fn position(&self) -> u64 {
        self.position
    }
}
