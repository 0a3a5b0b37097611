use kalends_journal::{AppendError, LogPosition};

use crate::{
    format::{frame, group},
    shared::queue::{Append, Reply, answer},
    storage::to_u64,
};

/// The appends of one group: their frames behind room for the group's header, and who waits for them.
#[derive(Debug)]
pub(crate) struct Batch {
    bytes: Vec<u8>,
    waiting: Vec<Reply>,
    payload_bytes: u64,
    before: LogPosition,
    last: LogPosition,
}

impl Batch {
    /// An empty batch behind `before`.
    pub(crate) fn new(before: LogPosition) -> Self {
        let bytes = vec![0; group::HEADER_BYTES];
        Self { bytes, waiting: Vec::new(), payload_bytes: 0, before, last: before }
    }

    /// Empties the batch; its memory stays.
    pub(crate) fn restart(&mut self, before: LogPosition) {
        self.bytes.truncate(group::HEADER_BYTES);
        self.waiting.clear();
        (self.payload_bytes, self.before, self.last) = (0, before, before);
    }

    /// Takes in one append, unless nobody waits for it any more: nobody was told that it is stored.
    pub(crate) fn add(&mut self, append: Append) {
        if append.reply.is_closed() {
            return;
        }
        self.last = frame::encode(&mut self.bytes, self.last, append.wall_time, &append.payload);
        self.payload_bytes += to_u64(append.payload.len());
        self.waiting.push(append.reply);
    }

    /// Bytes of the group, with `append` if there is one.
    pub(crate) fn size_with(&self, append: Option<&Append>) -> u64 {
        let more = append.map_or(0, |append| frame::HEADER_BYTES + append.payload.len());
        to_u64(self.bytes.len() + more)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(crate) fn frames(&self) -> u64 {
        to_u64(self.waiting.len())
    }

    pub(crate) fn payload_bytes(&self) -> u64 {
        self.payload_bytes
    }

    /// The frame before the first one.
    pub(crate) fn before(&self) -> LogPosition {
        self.before
    }

    /// The last frame.
    pub(crate) fn last(&self) -> LogPosition {
        self.last
    }

    /// The group as it is to stand at `offset`.
    pub(crate) fn group_at(&mut self, secret: u64, offset: u64) -> &[u8] {
        let length = u32::try_from(self.bytes.len() - group::HEADER_BYTES).unwrap_or(u32::MAX);
        let header = group::Group::after(self.before, length).encode(secret, offset);
        if let Some(place) = self.bytes.first_chunk_mut() {
            *place = header;
        }
        &self.bytes
    }

    /// Tells everybody who waits that their payload is on disk.
    pub(crate) fn acknowledge(&mut self) {
        let first = self.before.position + 1;
        for (position, reply) in (first..).zip(self.waiting.drain(..)) {
            answer(reply, Ok(position));
        }
    }

    /// Tells everybody who waits why their payload is not stored.
    pub(crate) fn refuse(&mut self, error: AppendError) {
        for reply in self.waiting.drain(..) {
            answer(reply, Err(error));
        }
    }
}
