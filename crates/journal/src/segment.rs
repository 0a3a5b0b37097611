use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use xxhash_rust::xxh3::xxh3_64;

use crate::{
    LogPosition, OpenError,
    fault::Fault,
    identity::{Identity, VERSION, VERSION_PLACE, VERSIONS_TO_COME},
    layout::{take, take_i64, take_u32, take_u64},
    segment_name,
    storage::{File, Storage, fill_at},
};

/// Bytes of a segment's header.
pub(crate) const HEADER_BYTES: usize = 72;
pub(crate) use crate::layout::SEGMENT_HEADER_END as HEADER_END;

const MAGIC: [u8; 8] = *b"KLNDSLOG";

/// One file of the journal, as readers and the writer share it.
#[derive(Debug)]
pub(crate) struct Segment {
    /// Where it lies.
    pub(crate) path: PathBuf,
    /// The last frame before it: its first frame has the next position.
    pub(crate) before: LogPosition,
    /// Bytes of the file that are synced: header, groups, seal.
    synced_bytes: AtomicU64,
}

impl Segment {
    /// The segment that begins behind `before`, of which `synced_bytes` are on disk.
    pub(crate) fn new(directory: &Path, before: LogPosition, synced_bytes: u64) -> Self {
        let path = segment_name::path(directory, before.position + 1);
        Self { path, before, synced_bytes: AtomicU64::new(synced_bytes) }
    }

    /// The position of its first frame.
    pub(crate) fn first(&self) -> u64 {
        self.before.position + 1
    }

    /// How much of the file is synced.
    pub(crate) fn synced_bytes(&self) -> u64 {
        self.synced_bytes.load(Ordering::Acquire)
    }

    /// About how many bytes its frames behind `position` take, when `last` is its last one.
    pub(crate) fn bytes_after(&self, position: u64, last: u64) -> u64 {
        let frames = last.saturating_sub(self.before.position);
        let after = last.saturating_sub(position.max(self.before.position));
        let part = u128::from(self.synced_bytes()) * u128::from(after) / u128::from(frames.max(1));
        u64::try_from(part).unwrap_or(u64::MAX)
    }

    /// Says that the file is synced up to `bytes`.
    pub(crate) fn set_synced_bytes(&self, bytes: u64) {
        self.synced_bytes.store(bytes, Ordering::Release);
    }
}

/// The header of the segment that begins behind `before`, where everything through `before` is synced.
pub(crate) fn encode_header(identity: &Identity, before: LogPosition) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER_BYTES);
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

/// Puts an empty segment on disk; after that, frames in it may be acknowledged.
pub(crate) fn create(
    storage: &dyn Storage,
    directory: &Path,
    identity: &Identity,
    segment: &Segment,
) -> Result<Box<dyn File>, Fault> {
    let temporary = segment_name::temporary(&segment.path);
    let prepare = || {
        let file = storage.create(&temporary)?;
        file.write_at(&encode_header(identity, segment.before), 0)?;
        // Nothing else is in the file yet, so a sync that fails for want of room loses nothing.
        file.sync()?;
        storage.rename(&temporary, &segment.path)?;
        Ok(file)
    };
    let file = prepare().map_err(|error| {
        drop(storage.remove(&temporary));
        Fault::of(error)
    })?;
    storage.sync_directory(directory).map_err(Fault::Broken)?;
    Ok(file)
}

/// Reads a segment's header; `first` is the position that its name gives.
pub(crate) fn read_header(
    file: &dyn File,
    path: &Path,
    identity: &Identity,
    first: u64,
) -> Result<LogPosition, OpenError> {
    let mut bytes = [0; HEADER_BYTES];
    fill_at(file, &mut bytes, 0).map_err(OpenError::io("read", path))?;
    let version = take_u32(&bytes, 8).filter(|_| bytes.starts_with(&MAGIC));
    match version {
        Some(VERSION) => {}
        Some(version) => return Err(OpenError::Version { file: path.to_owned(), version, known: VERSION }),
        None => return Err(OpenError::damaged(path, 0, "it is no segment of a journal")),
    }
    let Some((id, before)) = decode_header(&bytes) else {
        return Err(OpenError::damaged(path, 0, "the checksum of its header doesn't match"));
    };
    if id != identity.id {
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
pub(crate) fn salvage_header(
    file: &dyn File,
    path: &Path,
    identity: &Identity,
    first: u64,
) -> Result<Option<LogPosition>, OpenError> {
    let mut bytes = [0; HEADER_BYTES];
    if fill_at(file, &mut bytes, 0).map_err(OpenError::io("read", path))? < HEADER_BYTES {
        return Ok(None);
    }
    // A changed version number under a checksum that fits the known one is damage, and no newer version.
    let mut as_known = bytes;
    as_known.get_mut(VERSION_PLACE).unwrap_or_default().copy_from_slice(&VERSION.to_le_bytes());
    match read_header(file, path, identity, first) {
        Ok(before) => Ok(Some(before)),
        Err(OpenError::Version { version, .. })
            if decode_header(&as_known).is_some() || !VERSIONS_TO_COME.contains(&version) =>
        {
            Ok(None)
        }
        Err(OpenError::Damaged { .. }) if decode_header(&bytes).is_none() || !bytes.starts_with(&MAGIC) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn decode_header(bytes: &[u8; HEADER_BYTES]) -> Option<([u8; 16], LogPosition)> {
    let (content, checksum) = bytes.split_last_chunk()?;
    let position = take_u64(content, 32)?.checked_sub(1)?;
    let before = LogPosition { position, chain: take_u64(content, 40)?, time: take_i64(content, 48)? };
    (xxh3_64(content) == u64::from_le_bytes(*checksum)).then_some((take(content, 16)?, before))
}

fn hex(id: [u8; 16]) -> String {
    format!("{:032x}", u128::from_be_bytes(id))
}
