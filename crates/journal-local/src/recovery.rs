//! What happens at a start, before anything is appended.

pub(crate) mod directory_lock;
pub(crate) mod identity_pair;
pub(crate) mod quarantine;
pub(crate) mod scan;

use std::{io, path::Path, sync::Arc};

use self::scan::JournalEnd;
use crate::{
    error::OpenError,
    format::{
        group::{self, Group},
        identity::{self, Identity},
        reached_time, segment_header, segment_name,
    },
    shared::{JournalEnds, segment::Segment},
    storage::{File, Storage, read_exact_at, to_u64, to_usize},
    write::segment_file,
};

const COPY_BYTES: u64 = 1 << 20;

/// A journal that is on disk as a whole and can be appended to.
#[derive(Debug)]
pub(crate) struct Recovered {
    pub(crate) identity: Identity,
    /// Oldest first; never empty.
    pub(crate) segments: Vec<Arc<Segment>>,
    /// How far it goes.
    pub(crate) ends: JournalEnds,
    /// The last segment.
    pub(crate) segment: Arc<Segment>,
    /// Its file, for writing.
    pub(crate) file: Box<dyn File>,
}

/// Refuses a directory in which [`recover`] would begin a new journal.
pub(crate) fn check_existing(storage: &dyn Storage, directory: &Path) -> Result<(), OpenError> {
    let none = || OpenError::NotExisting { directory: directory.to_owned() };
    let firsts = match scan::first_positions(storage, directory) {
        Err(OpenError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => return Err(none()),
        firsts => firsts?,
    };
    identity_pair::required(storage, directory, &firsts)?.map(drop).ok_or_else(none)
}

/// Opens the journal in `directory`, or begins one. The caller holds the lock.
pub(crate) fn recover(storage: &dyn Storage, directory: &Path) -> Result<Recovered, OpenError> {
    let firsts = scan::first_positions(storage, directory)?;
    let Some(identity) = identity_pair::required(storage, directory, &firsts)? else {
        return begin(storage, directory);
    };
    let missing = || OpenError::SegmentsMissing { directory: directory.to_owned() };
    let scan = scan::scan(storage, directory, &identity, &firsts)?.ok_or_else(missing)?;
    let (segments, end) = (scan.segments, scan.end);
    let last = segments.last().cloned().ok_or_else(missing)?;
    if end.proven {
        let what = format!("no valid frame behind position {}, where one had been synced", end.last.position);
        return Err(OpenError::damaged(&last.path, end.offset, what));
    }
    remove_leftovers(storage, directory)?;
    identity_pair::keep_copy(&identity, storage, directory)?;
    let (offset, header) = cut(&end, identity.secret);
    check_room(storage, directory, &last, offset.max(end.torn_to))?;
    if end.torn_to > offset {
        set_tail_aside(storage, directory, &last, &end, offset)?;
    }
    let file =
        copy(storage, directory, &last, &end, offset, header).map_err(OpenError::io("copy", &last.path))?;
    last.set_synced_bytes(offset);
    Ok(Recovered { identity, ends: end.ends(), segments, segment: last, file })
}

/// Asks whether the disk has room for what a start writes, before it takes any of it.
fn check_room(
    storage: &dyn Storage,
    directory: &Path,
    segment: &Segment,
    needed: u64,
) -> Result<(), OpenError> {
    // If it can't be told, the write will tell.
    let free = storage.free_bytes(directory).unwrap_or(u64::MAX);
    if free >= needed {
        return Ok(());
    }
    let what = format!(
        "No space left on device: a start copies this file, which takes {needed} bytes, and {free} are free"
    );
    Err(OpenError::io("copy", &segment.path)(io::Error::new(io::ErrorKind::StorageFull, what)))
}

fn begin(storage: &dyn Storage, directory: &Path) -> Result<Recovered, OpenError> {
    remove_leftovers(storage, directory)?;
    let identity = Identity::random(storage, directory)?;
    let synced = identity.genesis();
    let segment = Segment::new(directory, synced, segment_header::END);
    let file = segment_file::create(storage, directory, &identity, &segment);
    let file = file.map_err(|fault| OpenError::io("create", &segment.path)(fault.into()))?;
    identity_pair::store(&identity, storage, directory)?;
    let segment = Arc::new(segment);
    let ends = JournalEnds { synced, last_frame: synced };
    Ok(Recovered { identity, segments: vec![Arc::clone(&segment)], ends, segment, file })
}

fn remove_leftovers(storage: &dyn Storage, directory: &Path) -> Result<(), OpenError> {
    let names = storage.list(directory).map_err(OpenError::io("list", directory))?;
    for name in names.iter().filter(|name| is_leftover(name)) {
        let path = directory.join(name);
        storage.remove(&path).map_err(OpenError::io("remove", &path))?;
    }
    Ok(())
}

fn is_leftover(name: &str) -> bool {
    let finished = name.strip_suffix(segment_name::TEMPORARY);
    let is_ours = |name: &str| {
        [identity::FILE, identity::COPY, reached_time::FILE].contains(&name)
            || segment_name::parse(name).is_some()
    };
    finished.is_some_and(is_ours)
}

/// Where the last segment is to end, and the header of the group that is shortened by that.
fn cut(end: &JournalEnd, secret: u64) -> (u64, Option<(u64, [u8; group::HEADER_BYTES])>) {
    let Some((at, group)) = end.broken_group else { return (end.offset, None) };
    match u32::try_from(end.offset - at - to_u64(group::HEADER_BYTES)) {
        Ok(0) | Err(_) => (at, None),
        Ok(length) => (end.offset, Some((at, Group { length, ..group }.encode(secret, at)))),
    }
}

/// Sets the torn end aside.
fn set_tail_aside(
    storage: &dyn Storage,
    directory: &Path,
    segment: &Segment,
    end: &JournalEnd,
    offset: u64,
) -> Result<(), OpenError> {
    let name = quarantine::name(segment.first(), offset);
    let mut torn = vec![0; to_usize(end.torn_to - offset)];
    read_exact_at(&*end.file, &mut torn, offset).map_err(OpenError::io("read", &segment.path))?;
    let path = quarantine::keep(storage, directory, &name, &torn)?;
    tracing::warn!(
        segment = %segment.path.display(),
        offset,
        bytes = end.torn_to - offset,
        set_aside = %path.display(),
        "the journal ended in the middle of a write; the unfinished bytes, which nobody was told were stored, were cut and set aside",
    );
    Ok(())
}

/// Writes the last segment anew. What the kernel has of a file may never have reached the disk, even when it reads well
/// and a sync of it succeeds after one that failed; of a new file, a sync is the truth.
fn copy(
    storage: &dyn Storage,
    directory: &Path,
    segment: &Segment,
    end: &JournalEnd,
    offset: u64,
    header: Option<(u64, [u8; group::HEADER_BYTES])>,
) -> io::Result<Box<dyn File>> {
    let temporary = segment_name::temporary(&segment.path);
    write_copy(storage, directory, segment, &temporary, end, offset, header)
        .inspect_err(|_| drop(storage.remove(&temporary)))
}

fn write_copy(
    storage: &dyn Storage,
    directory: &Path,
    segment: &Segment,
    temporary: &Path,
    end: &JournalEnd,
    offset: u64,
    header: Option<(u64, [u8; group::HEADER_BYTES])>,
) -> io::Result<Box<dyn File>> {
    let file = storage.create(temporary)?;
    copy_bytes(&*end.file, 0, offset, &*file, 0)?;
    if let Some((at, header)) = header {
        file.write_at(&header, at)?;
    }
    file.sync()?;
    storage.rename(temporary, &segment.path)?;
    storage.sync_directory(directory)?;
    Ok(file)
}

fn copy_bytes(from: &dyn File, start: u64, end: u64, to: &dyn File, at: u64) -> io::Result<()> {
    let mut buffer = vec![0; to_usize((end - start).min(COPY_BYTES))];
    let mut done = 0;
    while done < end - start {
        let length = to_usize((end - start - done).min(COPY_BYTES));
        let bytes = buffer.get_mut(..length).unwrap_or_default();
        read_exact_at(from, bytes, start + done)?;
        to.write_at(bytes, at + done)?;
        done += to_u64(length);
    }
    Ok(())
}
