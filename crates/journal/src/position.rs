use crate::JournalId;

/// A frame, and with its chained checksum the history that leads to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogPosition {
    /// The frame's position; 0 before the first frame.
    pub position: u64,
    /// The frame's chained checksum; the journal's genesis checksum at position 0.
    pub chain: u64,
    /// The frame's journal time, in microseconds since the Unix epoch; 0 at position 0.
    pub time: i64,
}

/// An identity that a journal had before it was given another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormerIdentity {
    /// The identity.
    pub id: JournalId,
    /// The last position that is known by it.
    pub last_position: u64,
}

/// What the journal knows of the chained checksum at a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chain {
    /// The checksum of the frame there; the genesis checksum at position 0.
    Known(u64),
    /// The position lies beyond the last synced frame.
    Ahead,
    /// The frame there is no longer kept. (The one right before the first kept frame is still known.)
    Gone,
    /// The frame there was damaged, and a repair has recorded that it is missing: nothing can be said of it.
    Lost,
}

/// How far the readers have got: what the journal may remove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LowWatermark {
    /// Every frame through this position is durable at every sink.
    pub all: u64,
    /// Every frame through this position is durable at every required sink; [`u64::MAX`] when none is required.
    pub required: u64,
    /// Every frame through this position was read by whoever judges for all sinks. What was not stays, and appends wait for it
    /// when there is no other room.
    pub read: u64,
    /// The journal time that retention counts back from, in microseconds since the Unix epoch.
    pub time: i64,
}

/// What the journal holds and how full it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Bytes of all segments.
    pub bytes: u64,
    /// Most bytes that all segments may take.
    pub max_bytes: u64,
    /// Number of segments.
    pub segments: usize,
    /// Smallest position that can be read; one more than `last` when there is none.
    pub first: u64,
    /// Last synced position; 0 when nothing was ever appended.
    pub last: u64,
    /// Journal time of the last frame before `first`, in microseconds since the Unix epoch (0 if none was removed):
    /// no kept frame is older.
    pub oldest_time: i64,
    /// Journal time of the last synced frame, in microseconds since the Unix epoch.
    pub last_time: i64,
    /// Frames removed before their age because of `max_bytes`, since the journal was opened.
    pub evicted: u64,
    /// Those of `evicted` that a sink which is not required had not delivered.
    pub evicted_unread: u64,
}
