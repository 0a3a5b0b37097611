use std::{error::Error, fmt, time::Duration};

use crate::{Chain, FormerIdentity, JournalId, LogPosition, LowWatermark, ShardId, Usage};

/// A payload as it was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The frame's position; the first frame has 1.
    pub position: u64,
    /// The frame's journal time, in microseconds since the Unix epoch; never before that of the frame before.
    pub time: i64,
    /// The frame's checksum, chained over the frame before.
    pub chain: u64,
    /// The bytes that were appended.
    pub payload: &'a [u8],
}

/// The cause why frames can't be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The frame was removed by retention.
    #[error("position {position} is no longer kept: the journal begins at position {first_kept}")]
    Gone {
        /// The position that was asked for.
        position: u64,
        /// The smallest position that can be read.
        first_kept: u64,
    },
    /// Frames that had been durable can no longer be read. The error of the kind of journal says where, and what to do.
    #[error(transparent)]
    Damaged(Box<dyn Error + Send + Sync>),
    /// The journal can't be read now. The error of the kind of journal says why.
    #[error(transparent)]
    Unavailable(Box<dyn Error + Send + Sync>),
}

/// Reads the durable frames of a shard, in order.
pub trait FrameReader: fmt::Debug + Send {
    /// The next frame; `None` at the durable end, where a later call goes on. Positions may jump.
    ///
    /// # Errors
    /// Every [`ReadError`]. The reader stays where it was, and the next call reads again.
    fn next(&mut self) -> Result<Option<Frame<'_>>, ReadError>;

    /// The position of the last frame returned, or the one that reading began after; at the durable end also the last one
    /// that is missing there.
    fn position(&self) -> u64;
}

/// A shard of a journal as its owner sees it: reads it, and says what may be removed.
///
/// Calls may come from any thread. [`ShardLog::wait_beyond`] is for one thread at a time.
pub trait ShardLog: fmt::Debug + Send + Sync {
    /// The journal's identity.
    fn id(&self) -> JournalId;

    /// The shard's number.
    fn shard(&self) -> ShardId;

    /// The identities that the journal had before, the oldest first.
    fn former_ids(&self) -> &[FormerIdentity];

    /// The identity by which the frame at `position` is known: the present one, or the one that the journal had when the frame
    /// was stored.
    fn id_at(&self, position: u64) -> JournalId {
        let former = self.former_ids().iter().find(|former| position <= former.last_position);
        former.map_or(self.id(), |former| former.id)
    }

    /// The last position that is durable; 0 with the chain of an empty shard when there is none.
    fn synced(&self) -> LogPosition;

    /// The last frame that is there: [`ShardLog::synced`], unless the shard ends in missing positions.
    /// A reader that has this frame has everything.
    fn last_frame(&self) -> LogPosition;

    /// The smallest position that can be read; one beyond the last when there is none.
    fn first_kept(&self) -> u64;

    /// Blocks until a frame beyond `position` is durable, the journal closes, the time is up or [`ShardLog::wake`] is called.
    /// Returns the last durable frame.
    fn wait_beyond(&self, position: u64, timeout: Duration) -> LogPosition;

    /// Ends [`ShardLog::wait_beyond`], or the next one where nobody waits now.
    fn wake(&self);

    /// The chained checksum at `position`.
    ///
    /// # Errors
    /// [`ReadError::Damaged`], [`ReadError::Unavailable`].
    fn chain_at(&self, position: u64) -> Result<Chain, ReadError>;

    /// The last frame older than `time` by journal time (microseconds since the Unix epoch). When every kept frame is younger:
    /// the mark right before the first kept frame.
    ///
    /// # Errors
    /// [`ReadError::Damaged`], [`ReadError::Unavailable`].
    fn mark_before(&self, time: i64) -> Result<LogPosition, ReadError>;

    /// A reader whose first frame is the next one behind `position`. Its first read says so if that frame is no longer kept.
    fn read_after(&self, position: u64) -> Box<dyn FrameReader>;

    /// Says what may be removed. Until the first call nothing is.
    fn set_low_watermark(&self, watermark: LowWatermark);

    /// The content of the shard, and how full the shard is.
    fn usage(&self) -> Usage;

    /// Bytes that can be appended before appends are refused if no sink takes anything meanwhile. An estimate.
    fn room(&self) -> u64;
}
