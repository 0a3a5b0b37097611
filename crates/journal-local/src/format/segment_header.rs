use std::path::Path;

use xxhash_rust::xxh3::xxh3_64;

use kalends_journal::LogPosition;

use crate::{
    error::OpenError,
    format::{
        bytes::{take, take_i64, take_u32, take_u64},
        identity::Identity,
    },
    storage::{File, fill_at},
};

/// Bytes of a segment's header.
pub(crate) const BYTES: usize = 72;
/// Where a segment's header ends and its first group begins.
pub(crate) const END: u64 = 72;

/// The one format version that this program knows.
const VERSION: u32 = 1;
/// No other number was ever written or will be.
const FUTURE_VERSIONS: std::ops::RangeInclusive<u32> = VERSION + 1..=255;
const VERSION_PLACE: std::ops::Range<usize> = 8..12;
const MAGIC: [u8; 8] = *b"KLNDSLOG";

/// The header of the segment that begins behind `before`, where everything through `before` is synced.
pub(crate) fn encode(identity: &Identity, before: LogPosition) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(BYTES);
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(&identity.id);
    bytes.extend_from_slice(&(before.position + 1).to_le_bytes());
    bytes.extend_from_slice(&before.chain.to_le_bytes());
    bytes.extend_from_slice(&before.time.to_le_bytes());
    bytes.extend_from_slice(&before.position.to_le_bytes());
    bytes.extend_from_slice(&xxh3_64(&bytes).to_le_bytes());
    bytes
}

/// Reads a segment's header; `first` is the position that its name gives.
pub(crate) fn read(
    file: &dyn File,
    path: &Path,
    identity: &Identity,
    first: u64,
) -> Result<LogPosition, OpenError> {
    let mut bytes = [0; BYTES];
    fill_at(file, &mut bytes, 0).map_err(OpenError::io("read", path))?;
    let version = take_u32(&bytes, 8).filter(|_| bytes.starts_with(&MAGIC));
    match version {
        Some(VERSION) => {}
        Some(version) => return Err(OpenError::Version { file: path.to_owned(), version, known: VERSION }),
        None => return Err(OpenError::damaged(path, 0, "it is no segment of a journal")),
    }
    let Some((id, before)) = decode(&bytes) else {
        return Err(OpenError::damaged(path, 0, "the checksum of its header doesn't match"));
    };
    if !identity.has_had(id) {
        return Err(OpenError::Foreign { file: path.to_owned(), found: hex(id), expected: hex(identity.id) });
    }
    if before.position.checked_add(1) != Some(first) {
        let what = format!("its name says that it begins at position {first}, and its header says otherwise");
        return Err(OpenError::damaged(path, 0, what));
    }
    Ok(before)
}

/// Reads a segment's header past damage; `None` if it can't be trusted.
///
/// # Errors
/// The file can't be read, or is sound and none of this journal's under this name.
pub(crate) fn read_damaged(
    file: &dyn File,
    path: &Path,
    identity: &Identity,
    first: u64,
) -> Result<Option<LogPosition>, OpenError> {
    let mut bytes = [0; BYTES];
    if fill_at(file, &mut bytes, 0).map_err(OpenError::io("read", path))? < BYTES {
        return Ok(None);
    }
    // A changed version number under a checksum that fits the known one is damage, and no newer version.
    let mut as_known = bytes;
    as_known.get_mut(VERSION_PLACE).unwrap_or_default().copy_from_slice(&VERSION.to_le_bytes());
    match read(file, path, identity, first) {
        Ok(before) => Ok(Some(before)),
        Err(OpenError::Version { version, .. })
            if decode(&as_known).is_some() || !FUTURE_VERSIONS.contains(&version) =>
        {
            Ok(None)
        }
        Err(OpenError::Damaged { .. }) if decode(&bytes).is_none() || !bytes.starts_with(&MAGIC) => Ok(None),
        Err(error) => Err(error),
    }
}

fn decode(bytes: &[u8; BYTES]) -> Option<([u8; 16], LogPosition)> {
    let (content, checksum) = bytes.split_last_chunk()?;
    let position = take_u64(content, 32)?.checked_sub(1)?;
    let before = LogPosition { position, chain: take_u64(content, 40)?, time: take_i64(content, 48)? };
    (xxh3_64(content) == u64::from_le_bytes(*checksum)).then_some((take(content, 16)?, before))
}

fn hex(id: [u8; 16]) -> String {
    format!("{:032x}", u128::from_be_bytes(id))
}
