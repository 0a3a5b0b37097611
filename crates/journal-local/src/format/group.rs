use xxhash_rust::xxh3::xxh3_64_with_seed;

use kalends_journal::LogPosition;

use crate::{
    format::bytes::{take_u32, take_u64},
    storage::to_u64,
};

/// Bytes of a group's header.
pub(crate) const HEADER_BYTES: usize = 40;
/// What every group header begins with.
pub(crate) const MAGIC: [u8; 4] = *b"KGRP";

/// What stands before the frames of one write. Without frames it is a seal: it only says what is synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Group {
    /// Bytes of its frames.
    pub(crate) length: u32,
    /// The position of its first frame.
    pub(crate) first: u64,
    /// The last position that was synced when the header was written.
    pub(crate) synced: u64,
    /// The chained checksum of the frame before.
    pub(crate) chain_before: u64,
}

impl Group {
    /// A group of `length` bytes of frames behind `before`, which is synced.
    pub(crate) fn after(before: LogPosition, length: u32) -> Self {
        Self { length, first: before.position + 1, synced: before.position, chain_before: before.chain }
    }

    /// The header, for the place `offset` of a segment.
    pub(crate) fn encode(&self, secret: u64, offset: u64) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        let fields = MAGIC
            .into_iter()
            .chain(self.length.to_le_bytes())
            .chain(self.first.to_le_bytes())
            .chain(self.synced.to_le_bytes())
            .chain(self.chain_before.to_le_bytes());
        bytes.iter_mut().zip(fields).for_each(|(place, byte)| *place = byte);
        if let Some((content, checksum)) = bytes.split_last_chunk_mut() {
            *checksum = checksum_of(content, secret, offset).to_le_bytes();
        }
        bytes
    }

    /// Reads the header at the start of `bytes`, which stand at `offset` of a segment; `None` if there is no valid one.
    pub(crate) fn decode(bytes: &[u8], secret: u64, offset: u64) -> Option<Self> {
        let (content, checksum) = bytes.get(..HEADER_BYTES)?.split_last_chunk()?;
        if !content.starts_with(&MAGIC)
            || checksum_of(content, secret, offset) != u64::from_le_bytes(*checksum)
        {
            return None;
        }
        Some(Self {
            length: take_u32(content, 4)?,
            first: take_u64(content, 8)?,
            synced: take_u64(content, 16)?,
            chain_before: take_u64(content, 24)?,
        })
    }

    /// Where the group ends that begins at `offset`.
    pub(crate) fn end(&self, offset: u64) -> u64 {
        offset + to_u64(HEADER_BYTES) + u64::from(self.length)
    }
}

/// The place in the file counts, so that a header which got somewhere else proves nothing.
fn checksum_of(content: &[u8], secret: u64, offset: u64) -> u64 {
    xxh3_64_with_seed(content, secret.wrapping_add(offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_valid_only_as_written_in_its_place_of_its_journal() {
        let group = Group { length: 7, first: 3, synced: 2, chain_before: 9 };
        let bytes = group.encode(11, 72);
        assert_eq!(Group::decode(&bytes, 11, 72), Some(group));
        assert_eq!(Group::decode(&bytes, 11, 73), None);
        assert_eq!(Group::decode(&bytes, 12, 72), None);
        for index in 0..HEADER_BYTES {
            let mut flipped = bytes;
            flipped[index] ^= 0x10;
            assert_eq!(Group::decode(&flipped, 11, 72), None, "byte {index}");
        }
    }
}
