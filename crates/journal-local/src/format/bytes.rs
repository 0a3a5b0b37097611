//! Little-endian fields at fixed offsets, for headers of known size.

/// The field of `N` bytes at `offset`. Callers pass headers of fixed size and offsets within.
pub(crate) fn take<const N: usize>(bytes: &[u8], offset: usize) -> Option<[u8; N]> {
    bytes.get(offset..)?.first_chunk().copied()
}

/// The unsigned 32-bit field at `offset`.
pub(crate) fn take_u32(bytes: &[u8], offset: usize) -> Option<u32> {
    take(bytes, offset).map(u32::from_le_bytes)
}

/// The unsigned 64-bit field at `offset`.
pub(crate) fn take_u64(bytes: &[u8], offset: usize) -> Option<u64> {
    take(bytes, offset).map(u64::from_le_bytes)
}

/// The signed 64-bit field at `offset`.
pub(crate) fn take_i64(bytes: &[u8], offset: usize) -> Option<i64> {
    take(bytes, offset).map(i64::from_le_bytes)
}
