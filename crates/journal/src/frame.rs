use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::{
    Mark,
    layout::{take_i64, take_u32, take_u64},
    storage::{to_u64, to_usize},
};

/// Bytes of a frame's header.
pub(crate) const HEADER_BYTES: usize = 28;

const CHAIN_BYTES: usize = 8;

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

/// Appends the frame that follows `before`, and returns its mark.
pub(crate) fn encode(out: &mut Vec<u8>, before: Mark, wall_time: i64, payload: &[u8]) -> Mark {
    let position = before.position + 1;
    let time = before.time.max(wall_time);
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    let start = out.len();
    out.extend_from_slice(&[0; CHAIN_BYTES]);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&position.to_le_bytes());
    out.extend_from_slice(&time.to_le_bytes());
    out.extend_from_slice(payload);
    let mut chain = 0;
    if let Some((place, content)) = out.get_mut(start..).and_then(|frame| frame.split_first_chunk_mut()) {
        chain = xxh3_64_with_seed(content, before.chain);
        *place = chain.to_le_bytes();
    }
    Mark { position, chain, time }
}

/// How many bytes the frame takes that begins with `bytes`; `None` if its header is not all there.
pub(crate) fn length(bytes: &[u8]) -> Option<u64> {
    Some(to_u64(HEADER_BYTES) + u64::from(take_u32(bytes, CHAIN_BYTES)?))
}

/// Reads the frame at the start of `bytes`, which follows `before`; `None` if it is not valid.
pub(crate) fn decode(bytes: &[u8], before: Mark) -> Option<Frame<'_>> {
    let frame = bytes.get(..to_usize(length(bytes)?))?;
    let (chain, content) = frame.split_first_chunk()?;
    let chain = u64::from_le_bytes(*chain);
    let position = take_u64(content, 4)?;
    let time = take_i64(content, 12)?;
    let follows = position == before.position.checked_add(1)? && time >= before.time;
    if !follows || xxh3_64_with_seed(content, before.chain) != chain {
        return None;
    }
    Some(Frame { position, time, chain, payload: content.get(HEADER_BYTES - CHAIN_BYTES..)? })
}
