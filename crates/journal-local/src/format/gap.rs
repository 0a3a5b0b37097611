use xxhash_rust::xxh3::xxh3_64_with_seed;

use kalends_journal::LogPosition;

use crate::format::bytes::take_u64;

/// Bytes of a gap.
pub(crate) const BYTES: usize = 48;
/// What every gap begins with.
pub(crate) const MAGIC: [u8; 4] = *b"KGAP";

/// The chained checksum of a frame of which nothing is known.
pub(crate) const UNKNOWN_CHAIN: u64 = 0;

/// Stands in the place of frames that were damaged and set aside: says which positions are missing, so that the others
/// stay what they were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gap {
    /// The first missing position.
    pub(crate) first: u64,
    /// The last missing position.
    pub(crate) last: u64,
    /// The chained checksum of the frame before.
    pub(crate) chain_before: u64,
    /// The chained checksum of the last missing frame, which what follows is chained to.
    pub(crate) chain_after: u64,
}

impl Gap {
    /// The gap between two frames.
    pub(crate) fn between(before: LogPosition, after: LogPosition) -> Self {
        Self {
            first: before.position + 1,
            last: after.position,
            chain_before: before.chain,
            chain_after: after.chain,
        }
    }

    /// The mark behind the gap, when `before` stands in front of it.
    pub(crate) fn after(&self, before: LogPosition) -> LogPosition {
        LogPosition { position: self.last, chain: self.chain_after, time: before.time }
    }

    /// The gap as it stands at `offset` of a segment.
    pub(crate) fn encode(&self, secret: u64, offset: u64) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(BYTES);
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&[0; 4]);
        for field in [self.first, self.last, self.chain_before, self.chain_after] {
            bytes.extend_from_slice(&field.to_le_bytes());
        }
        let checksum = xxh3_64_with_seed(&bytes, secret.wrapping_add(offset));
        bytes.extend_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// Reads the gap at the start of `bytes`, which stand at `offset` of a segment; `None` if there is no valid one.
    pub(crate) fn decode(bytes: &[u8], secret: u64, offset: u64) -> Option<Self> {
        let (content, checksum) = bytes.get(..BYTES)?.split_last_chunk()?;
        let sound = content.starts_with(&MAGIC)
            && xxh3_64_with_seed(content, secret.wrapping_add(offset)) == u64::from_le_bytes(*checksum);
        let gap = Self {
            first: take_u64(content, 8)?,
            last: take_u64(content, 16)?,
            chain_before: take_u64(content, 24)?,
            chain_after: take_u64(content, 32)?,
        };
        Some(gap).filter(|gap| sound && gap.first <= gap.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_valid_only_as_written_in_its_place_of_its_journal() {
        let gap = Gap { first: 3, last: 9, chain_before: 7, chain_after: 8 };
        let bytes = gap.encode(11, 72);
        assert_eq!(bytes.len(), BYTES);
        assert_eq!(Gap::decode(&bytes, 11, 72), Some(gap));
        assert_eq!(Gap::decode(&bytes, 11, 73), None);
        assert_eq!(Gap::decode(&bytes, 12, 72), None);
        for index in 0..BYTES {
            let mut flipped = bytes.clone();
            flipped[index] ^= 0x10;
            assert_eq!(Gap::decode(&flipped, 11, 72), None, "byte {index}");
        }
    }
}
