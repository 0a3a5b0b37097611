use std::{io, ops::Range, path::Path, sync::Arc};

use kalends_journal::LogPosition;

use crate::{
    error::OpenError,
    format::{
        block_marker::{self, BlockMarker},
        gap::{self, Gap},
        group::{self, Group},
        identity::Identity,
        segment_header, segment_name,
    },
    read::segment_scanner::{SegmentScanner, Step},
    shared::{JournalEnds, segment::Segment},
    storage::{File, Storage, fill_at, to_u64, to_usize},
};

const READ_BYTES: usize = 1 << 20;

/// What lies in a journal's directory, read without changing anything.
#[derive(Debug)]
pub(crate) struct Scan {
    /// Oldest first; never empty. The last one counts as synced up to its last valid frame.
    pub(crate) segments: Vec<Arc<Segment>>,
    /// How the last segment ends.
    pub(crate) end: JournalEnd,
}

/// How the last segment ends.
#[derive(Debug)]
pub(crate) struct JournalEnd {
    /// The last valid frame, or the last missing one of a gap there.
    pub(crate) last: LogPosition,
    /// The frame before that gap; `last` where there is none.
    pub(crate) last_frame: LogPosition,
    /// The offset behind it and behind the seals that follow it.
    pub(crate) offset: u64,
    /// The header of the group that breaks off there, and its offset.
    pub(crate) broken_group: Option<(u64, Group)>,
    /// The offset behind the last byte that is not zero, where the tail ends.
    pub(crate) torn_to: u64,
    /// Whether a marker in the tail proves that something unreadable before it had been synced.
    pub(crate) proven: bool,
    /// The file.
    pub(crate) file: Box<dyn File>,
}

impl JournalEnd {
    pub(crate) fn ends(&self) -> JournalEnds {
        JournalEnds { synced: self.last, last_frame: self.last_frame }
    }
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
pub(crate) fn scan(
    storage: &dyn Storage,
    directory: &Path,
    identity: &Identity,
    firsts: &[u64],
) -> Result<Option<Scan>, OpenError> {
    let mut segments: Vec<Arc<Segment>> = Vec::with_capacity(firsts.len());
    let mut newest = None;
    for &first in firsts {
        let path = segment_name::path(directory, first);
        let file = storage.open(&path).map_err(OpenError::io("open", &path))?;
        let before = segment_header::read(&*file, &path, identity, first)?;
        if let (Some(previous), Some(previous_file)) = (segments.last(), newest.take()) {
            check_end(previous, previous_file, identity, before, &path)?;
        }
        let length = file.length().map_err(OpenError::io("read", &path))?;
        segments.push(Arc::new(Segment::new(directory, before, length)));
        newest = Some(file);
    }
    let (Some(last), Some(file)) = (segments.last(), newest) else { return Ok(None) };
    let mut end = find_end(last, file, identity.secret).map_err(OpenError::io("read", &last.path))?;
    if let [.., previous, _] = &*segments
        && end.last.position == last.before.position
    {
        end.last_frame = frame_before_gap(storage, previous, identity.secret, end.last)?;
    }
    last.set_synced_bytes(end.offset);
    Ok(Some(Scan { segments, end }))
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
    let mut scanner = SegmentScanner::new(file, identity.secret, segment.before);
    while goes_on(scanner.advance(length).map_err(OpenError::io("read", path))?) {}
    let last = scanner.last();
    match sealed {
        _ if last == next => {
            segment.set_synced_bytes(scanner.offset());
            Ok(())
        }
        // This segment is whole, so the next one doesn't belong behind it.
        Some((first, chain)) if (first, chain) == (last.position + 1, last.chain) => {
            let what = format!("it begins at position {}, but {first} comes next", next.position + 1);
            Err(OpenError::damaged(next_path, 0, what))
        }
        _ => {
            let what = format!("no valid frame behind position {}, where one had been synced", last.position);
            Err(OpenError::damaged(path, scanner.offset(), what))
        }
    }
}

fn read_seal(file: &dyn File, length: u64, secret: u64) -> io::Result<Option<Group>> {
    let Some(offset) = length.checked_sub(to_u64(group::HEADER_BYTES)) else { return Ok(None) };
    let mut bytes = [0; group::HEADER_BYTES];
    fill_at(file, &mut bytes, offset)?;
    Ok(Group::decode(&bytes, secret, offset).filter(|seal| seal.length == 0))
}

/// The last frame of a sealed segment that ends at `last`: the one before the gap that a repair recorded there.
fn frame_before_gap(
    storage: &dyn Storage,
    segment: &Segment,
    secret: u64,
    last: LogPosition,
) -> Result<LogPosition, OpenError> {
    let behind = to_u64(gap::BYTES + group::HEADER_BYTES);
    let Some(offset) = segment.synced_bytes().checked_sub(behind) else { return Ok(last) };
    let mut bytes = [0; gap::BYTES];
    let file = storage.open(&segment.path).map_err(OpenError::io("open", &segment.path))?;
    fill_at(&*file, &mut bytes, offset).map_err(OpenError::io("read", &segment.path))?;
    let gap = Gap::decode(&bytes, secret, offset).filter(|gap| gap.last == last.position);
    Ok(gap.map_or(last, |gap| LogPosition { position: gap.first - 1, chain: gap.chain_before, ..last }))
}

fn find_end(segment: &Segment, file: Box<dyn File>, secret: u64) -> io::Result<JournalEnd> {
    let length = file.length()?;
    let mut scanner = SegmentScanner::new(file, secret, segment.before);
    let mut last_frame = segment.before;
    loop {
        match scanner.advance(length)? {
            Step::Frame => last_frame = scanner.last(),
            Step::Gap => {}
            Step::End | Step::Broken => break,
        }
    }
    let (last, offset) = (scanner.last(), scanner.offset());
    let broken_group = scanner.group().filter(|(at, group)| group.end(*at) != offset);
    let file = scanner.into_file();
    let tail = search_tail(&*file, offset..length, secret, last)?;
    Ok(JournalEnd {
        last,
        last_frame,
        offset,
        broken_group,
        torn_to: tail.torn_to,
        proven: tail.proven,
        file,
    })
}

fn goes_on(step: Step) -> bool {
    matches!(step, Step::Frame | Step::Gap)
}

struct TailSearch {
    torn_to: u64,
    proven: bool,
}

/// Looks through a tail for the offset behind its last byte that is not zero, and for a marker that proves that what is
/// unreadable before it had been synced: one that says so, or one that stands behind, for nothing is written before all
/// in front of it is synced.
fn search_tail(file: &dyn File, range: Range<u64>, secret: u64, last: LogPosition) -> io::Result<TailSearch> {
    let Range { start: from, end: to } = range;
    let mut tail = TailSearch { torn_to: from, proven: false };
    let mut buffer = vec![0; READ_BYTES];
    let mut at = from;
    while at < to {
        // Not beyond where the scanner looked: a running writer may have gone on since.
        let wanted = to_usize(to - at).min(buffer.len());
        let read = fill_at(file, buffer.get_mut(..wanted).unwrap_or_default(), at)?;
        let bytes = buffer.get(..read).unwrap_or_default();
        if let Some(index) = bytes.iter().rposition(|byte| *byte != 0) {
            tail.torn_to = tail.torn_to.max(at + to_u64(index) + 1);
        }
        for (offset, index) in (at..).zip(0..read) {
            let rest = bytes.get(index..).unwrap_or_default();
            if let Some(marker) = BlockMarker::decode(rest, secret, offset) {
                let follows = (marker.synced(), marker.chain_before()) == (last.position, last.chain);
                tail.proven |= marker.synced() > last.position || (follows && offset > from);
            }
        }
        if read < buffer.len() {
            break;
        }
        // A marker may lie across the end of what was read.
        at += to_u64(read - (block_marker::MAX_BYTES - 1));
    }
    Ok(tail)
}
