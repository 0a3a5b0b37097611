use crate::format::{
    gap::{self, Gap},
    group::{self, Group},
};

/// Bytes of the longest marker.
pub(crate) const MAX_BYTES: usize = gap::BYTES;

/// What can be found and trusted by itself, whatever stands before it: a group's header or a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BlockMarker {
    /// The header of a group, or a seal.
    Group(Group),
    /// A recorded gap.
    Gap(Gap),
}

impl BlockMarker {
    /// Reads the marker at the start of `bytes`, which stand at `offset` of a segment; `None` if there is no valid one.
    pub(crate) fn decode(bytes: &[u8], secret: u64, offset: u64) -> Option<Self> {
        if bytes.starts_with(&group::MAGIC) {
            return Group::decode(bytes, secret, offset).map(Self::Group);
        }
        if bytes.starts_with(&gap::MAGIC) {
            return Gap::decode(bytes, secret, offset).map(Self::Gap);
        }
        None
    }

    /// Bytes of the marker that begins with `bytes`, if it is one.
    pub(crate) fn length(bytes: &[u8]) -> usize {
        if bytes.starts_with(&gap::MAGIC) { gap::BYTES } else { group::HEADER_BYTES }
    }

    /// The first position behind it, missing or not.
    pub(crate) fn first(&self) -> u64 {
        match self {
            Self::Group(group) => group.first,
            Self::Gap(gap) => gap.first,
        }
    }

    /// The chained checksum of the frame before.
    pub(crate) fn chain_before(&self) -> u64 {
        match self {
            Self::Group(group) => group.chain_before,
            Self::Gap(gap) => gap.chain_before,
        }
    }

    /// The last position that was synced when it was written.
    pub(crate) fn synced(&self) -> u64 {
        match self {
            Self::Group(group) => group.synced,
            Self::Gap(gap) => gap.last,
        }
    }
}
