use xxhash_rust::xxh3::xxh3_64_with_seed;

use kalends_journal::{Frame, LogPosition};

use crate::{
    format::bytes::{take_i64, take_u32, take_u64},
    storage::{to_u64, to_usize},
};

/// Bytes of a frame's header.
pub(crate) const HEADER_BYTES: usize = 28;

const CHAIN_BYTES: usize = 8;
const POSITION_AT: usize = 12;
const TIME_AT: usize = 20;

/// Appends the frame that follows `before`, and returns its mark.
pub(crate) fn encode(out: &mut Vec<u8>, before: LogPosition, wall_time: i64, payload: &[u8]) -> LogPosition {
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
    LogPosition { position, chain, time }
}

/// How many bytes the frame takes that begins with `bytes`; `None` if its header is not all there.
pub(crate) fn length(bytes: &[u8]) -> Option<u64> {
    Some(to_u64(HEADER_BYTES) + u64::from(take_u32(bytes, CHAIN_BYTES)?))
}

/// What the header at the start of `bytes` says of its frame, which need not be valid, and how many bytes that takes.
pub(crate) fn peek(bytes: &[u8]) -> Option<(LogPosition, u64)> {
    let mark = LogPosition {
        chain: take_u64(bytes, 0)?,
        position: take_u64(bytes, POSITION_AT)?,
        time: take_i64(bytes, TIME_AT)?,
    };
    Some((mark, length(bytes)?))
}

/// The chained checksum that the frame in `bytes` has if nothing but its stored checksum is damaged.
pub(crate) fn chain_of(bytes: &[u8], chain_before: u64) -> u64 {
    xxh3_64_with_seed(bytes.get(CHAIN_BYTES..).unwrap_or_default(), chain_before)
}

/// Reads the frame at the start of `bytes`, which follows `before`; `None` if it is not valid.
pub(crate) fn decode(bytes: &[u8], before: LogPosition) -> Option<Frame<'_>> {
    // First what costs nothing: a search for a frame asks at every byte.
    if take_u64(bytes, POSITION_AT)? != before.position.checked_add(1)? {
        return None;
    }
    let frame = bytes.get(..to_usize(length(bytes)?))?;
    let (chain, content) = frame.split_first_chunk()?;
    let chain = u64::from_le_bytes(*chain);
    let position = take_u64(bytes, POSITION_AT)?;
    let time = take_i64(bytes, TIME_AT)?;
    if time < before.time || xxh3_64_with_seed(content, before.chain) != chain {
        return None;
    }
    Some(Frame { position, time, chain, payload: content.get(HEADER_BYTES - CHAIN_BYTES..)? })
}
