use std::{io, ops::Range, path::Path, sync::Arc};

use crate::{
    LogPosition, OpenError,
    group::{self, Group},
    identity::Identity,
    landmark::{self, Landmark},
    segment::{self, Segment},
    segment_name,
    storage::{File, Storage, fill_at, to_u64, to_usize},
    walk::{Step, Walk},
};

const READ_BYTES: usize = 1 << 20;

/// What lies in a journal's directory, read without changing anything.
#[derive(Debug)]
pub(crate) struct Survey {
    /// Oldest first; never empty. The last one counts as synced up to its last valid frame.
    pub(crate) segments: Vec<Arc<Segment>>,
    /// How the last segment ends.
    pub(crate) end: End,
}

/// How the last segment ends.
#[derive(Debug)]
pub(crate) struct End {
    /// The last valid frame.
    pub(crate) last: LogPosition,
    /// The offset behind it and behind the seals that follow it.
    pub(crate) offset: u64,
    /// The header of the group that breaks off there, and its offset.
    pub(crate) broken_group: Option<(u64, Group)>,
    /// The offset behind the last byte that is not zero, where the tail ends.
    pub(crate) torn_to: u64,
    /// Whether a landmark in the tail proves that something unreadable before it had been synced.
    pub(crate) proven: bool,
    /// The file.
    pub(crate) file: Box<dyn File>,
}

/// The first positions of the segments in `directory`, in order.
pub(crate) fn first_positions(storage: &dyn Storage, directory: &Path) -> Result<Vec<u64>, OpenError> {
    let names = storage.list(directory).map_err(OpenError::io("list", directory))?;
    let mut firsts: Vec<u64> = names.iter().filter_map(|name| segment_name::parse(name)).collect();
    firsts.sort_unstable();
    Ok(firsts)
}

/// Reads the headers and seals of all segments and every frame of the last one.
/// `firsts` are the segments' first positions, in order; `None` if there are none.
pub(crate) fn survey(
    storage: &dyn Storage,
    directory: &Path,
    identity: &Identity,
    firsts: &[u64],
) -> Result<Option<Survey>, OpenError> {
    let mut segments: Vec<Arc<Segment>> = Vec::with_capacity(firsts.len());
    let mut newest = None;
    for &first in firsts {
        let path = segment_name::path(directory, first);
        let file = storage.open(&path).map_err(OpenError::io("open", &path))?;
        let before = segment::read_header(&*file, &path, identity, first)?;
        if let (Some(previous), Some(previous_file)) = (segments.last(), newest.take()) {
            check_end(previous, previous_file, identity, before, &path)?;
        }
        let length = file.length().map_err(OpenError::io("read", &path))?;
        segments.push(Arc::new(Segment::new(directory, before, length)));
        newest = Some(file);
    }
    let (Some(last), Some(file)) = (segments.last(), newest) else { return Ok(None) };
    let end = find_end(last, file, identity.secret).map_err(OpenError::io("read", &last.path))?;
    last.set_synced_bytes(end.offset);
    Ok(Some(Survey { segments, end }))
}

/// Checks that a sealed segment ends where the next one begins.
fn check_end(
    segment: &Segment,
    file: Box<dyn File>,
    identity: &Identity,
    next: LogPosition,
    next_path: &Path,
) -> Result<(), OpenError> {
    let path = &segment.path;
    let length = segment.synced_bytes();
    let seal = read_seal(&*file, length, identity.secret).map_err(OpenError::io("read", path))?;
    let sealed = seal.map(|seal| (seal.first, seal.chain_before));
    if sealed == Some((next.position + 1, next.chain)) {
        return Ok(());
    }
    let mut walk = Walk::new(file, identity.secret, segment.before);
    while goes_on(walk.advance(length).map_err(OpenError::io("read", path))?) {}
    let last = walk.last();
    match sealed {
        _ if last == next => {
            segment.set_synced_bytes(walk.offset());
            Ok(())
        }
        // This segment is whole, so the next one doesn't belong behind it.
        Some((first, chain)) if (first, chain) == (last.position + 1, last.chain) => {
            let what = format!("it begins at position {}, but {first} comes next", next.position + 1);
            Err(OpenError::damaged(next_path, 0, what))
        }
        _ => {
            let what = format!("no valid frame behind position {}, where one had been synced", last.position);
            Err(OpenError::damaged(path, walk.offset(), what))
        }
    }
}

fn read_seal(file: &dyn File, length: u64, secret: u64) -> io::Result<Option<Group>> {
    let Some(offset) = length.checked_sub(to_u64(group::HEADER_BYTES)) else { return Ok(None) };
    let mut bytes = [0; group::HEADER_BYTES];
    fill_at(file, &mut bytes, offset)?;
    Ok(Group::decode(&bytes, secret, offset).filter(|seal| seal.length == 0))
}

fn find_end(segment: &Segment, file: Box<dyn File>, secret: u64) -> io::Result<End> {
    let length = file.length()?;
    let mut walk = Walk::new(file, secret, segment.before);
    while goes_on(walk.advance(length)?) {}
    let (last, offset) = (walk.last(), walk.offset());
    let broken_group = walk.group().filter(|(at, group)| group.end(*at) != offset);
    let file = walk.into_file();
    let tail = search_tail(&*file, offset..length, secret, last)?;
    Ok(End { last, offset, broken_group, torn_to: tail.torn_to, proven: tail.proven, file })
}

fn goes_on(step: Step) -> bool {
    matches!(step, Step::Frame | Step::Gap)
}

struct TailSearch {
    torn_to: u64,
    proven: bool,
}

/// Looks through a tail for the offset behind its last byte that is not zero, and for a landmark that proves that what is
/// unreadable before it had been synced: one that says so, or one that stands behind, for nothing is written before all
/// in front of it is synced.
fn search_tail(file: &dyn File, range: Range<u64>, secret: u64, last: LogPosition) -> io::Result<TailSearch> {
    let Range { start: from, end: to } = range;
    let mut tail = TailSearch { torn_to: from, proven: false };
    let mut buffer = vec![0; READ_BYTES];
    let mut at = from;
    while at < to {
        // Not beyond where the walk looked: a running writer may have gone on since.
        let wanted = to_usize(to - at).min(buffer.len());
        let read = fill_at(file, buffer.get_mut(..wanted).unwrap_or_default(), at)?;
        let bytes = buffer.get(..read).unwrap_or_default();
        if let Some(index) = bytes.iter().rposition(|byte| *byte != 0) {
            tail.torn_to = tail.torn_to.max(at + to_u64(index) + 1);
        }
        for (offset, index) in (at..).zip(0..read) {
            let rest = bytes.get(index..).unwrap_or_default();
            if let Some(landmark) = Landmark::decode(rest, secret, offset) {
                let follows = (landmark.synced(), landmark.chain_before()) == (last.position, last.chain);
                tail.proven |= landmark.synced() > last.position || (follows && offset > from);
            }
        }
        if read < buffer.len() {
            break;
        }
        // A landmark may lie across the end of what was read.
        at += to_u64(read - (landmark::MOST_BYTES - 1));
    }
    Ok(tail)
}
