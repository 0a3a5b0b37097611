//! Reads every byte of a journal, without its lock and without changing anything.

use std::{
    io,
    path::{Path, PathBuf},
};

use kalends_journal::LogPosition;

use crate::{
    error::OpenError,
    format::{
        block_marker::BlockMarker, gap::UNKNOWN_CHAIN, identity::Identity, segment_header, segment_name,
    },
    fsck::resync::{Contents, resync, same},
    recovery::{
        identity_pair::{self, FoundIdentity},
        scan,
    },
    storage::{File, Storage, fill_at, to_u64, to_usize},
};

/// A running daemon may write and remove while it is being looked at.
const ATTEMPTS: usize = 5;

/// One segment and what it holds.
#[derive(Debug)]
pub(crate) struct ScannedSegment {
    pub(crate) path: PathBuf,
    pub(crate) bytes: Vec<u8>,
    /// Whether its header can be trusted.
    pub(crate) header: bool,
    /// The frame before it.
    pub(crate) before: LogPosition,
    /// Whether another one follows it.
    pub(crate) sealed: bool,
    pub(crate) contents: Contents,
}

/// A journal's segments, read one at a time.
#[derive(Debug)]
pub(crate) struct FullScan<'a> {
    storage: &'a dyn Storage,
    pub(crate) found: FoundIdentity,
    starts: Vec<Start>,
    next: usize,
    last: Option<LogPosition>,
    /// Bytes of all segments.
    pub(crate) bytes: u64,
}

/// What a segment says of where it begins.
#[derive(Debug)]
struct Start {
    path: PathBuf,
    header: bool,
    before: LogPosition,
}

impl<'a> FullScan<'a> {
    /// Reads the headers of the journal in `directory`.
    pub(crate) fn begin(storage: &'a dyn Storage, directory: &Path) -> Result<Self, OpenError> {
        let mut attempt = 1;
        loop {
            match Self::look(storage, directory) {
                Err(error) if vanished(&error) && attempt < ATTEMPTS => attempt += 1,
                looked => return looked,
            }
        }
    }

    fn look(storage: &'a dyn Storage, directory: &Path) -> Result<Self, OpenError> {
        let none = || OpenError::NoJournal { directory: directory.to_owned() };
        let firsts = match scan::first_positions(storage, directory) {
            Err(error) if vanished(&error) => return Err(none()),
            firsts => firsts?,
        };
        let found = identity_pair::found(storage, directory, &firsts)?.ok_or_else(none)?;
        let identity = found.identity.clone();
        let (mut starts, mut bytes) = (Vec::with_capacity(firsts.len()), 0);
        for first in firsts {
            let path = segment_name::path(directory, first);
            let file = storage.open(&path).map_err(OpenError::io("open", &path))?;
            bytes += file.length().map_err(OpenError::io("read", &path))?;
            let sound = segment_header::read_damaged(&*file, &path, &identity, first)?;
            let before = match sound {
                Some(before) => before,
                None => guess_start(&*file, &identity, first).map_err(OpenError::io("read", &path))?,
            };
            starts.push(Start { path, header: sound.is_some(), before });
        }
        Ok(Self { storage, found, starts, next: 0, last: None, bytes })
    }

    /// Examines the next segment; `None` when there is none left.
    ///
    /// # Errors
    /// A segment can't be read, or segments contradict each other, so that none can be called the right one.
    pub(crate) fn advance(&mut self) -> Result<Option<ScannedSegment>, OpenError> {
        let Some(start) = self.starts.get(self.next) else { return Ok(None) };
        let following = self.starts.get(self.next + 1);
        let (header, mut before) = (start.header, start.before);
        if let Some(last) = self.last.filter(|last| !header && last.position == before.position) {
            before = last;
        }
        let file = match self.storage.open(&start.path) {
            // Removed by retention since the headers were read: nothing can stand before what is left.
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.last.is_none() => {
                self.next += 1;
                return self.advance();
            }
            opened => opened.map_err(OpenError::io("open", &start.path))?,
        };
        let next = following.map(|next| next.before);
        let look =
            || read(&*file).map(|bytes| (resync(&bytes, self.found.identity.secret, before, next), bytes));
        let looked = if next.is_some() { look() } else { settled(look) };
        let (contents, bytes) = looked.map_err(OpenError::io("read", &start.path))?;
        if let Some(following) = following.filter(|next| !same(contents.last, next.before)) {
            let (begins, ends) = (following.before.position + 1, contents.last.position);
            let what = format!(
                "it begins at position {begins}, but the segment before it has another history, which ends at position {ends}: \
                 one of the two does not belong here; move it away"
            );
            return Err(OpenError::damaged(&following.path, 0, what));
        }
        let path = start.path.clone();
        (self.last, self.next) = (Some(contents.last), self.next + 1);
        Ok(Some(ScannedSegment { path, bytes, header, before, sealed: next.is_some(), contents }))
    }
}

/// Looks at a segment that may be being written to until damage, if there is any, stays where it is: reading is no
/// snapshot, and what was written meanwhile seems to stand behind a hole.
fn settled(look: impl Fn() -> io::Result<(Contents, Vec<u8>)>) -> io::Result<(Contents, Vec<u8>)> {
    let holes = |contents: &Contents| contents.sections.iter().map(|s| s.bytes.clone()).collect::<Vec<_>>();
    let mut looked = look()?;
    for _ in 1..ATTEMPTS {
        if looked.0.is_whole() {
            break;
        }
        let again = look()?;
        let same = holes(&looked.0) == holes(&again.0);
        looked = again;
        if same {
            break;
        }
    }
    Ok(looked)
}

fn vanished(error: &OpenError) -> bool {
    matches!(error, OpenError::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
}

fn read(file: &dyn File) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; to_usize(file.length()?)];
    let read = fill_at(file, &mut bytes, 0)?;
    bytes.truncate(read);
    Ok(bytes)
}

/// The mark before a segment whose header is damaged, from its name and its first marker.
fn guess_start(file: &dyn File, identity: &Identity, first: u64) -> io::Result<LogPosition> {
    if first <= 1 {
        return Ok(identity.genesis());
    }
    let bytes = read(file)?;
    let marker = (0..bytes.len()).find_map(|at| {
        let rest = bytes.get(at..)?;
        BlockMarker::decode(rest, identity.secret, to_u64(at))
    });
    let chain = marker.filter(|marker| marker.first() == first).map(|marker| marker.chain_before());
    Ok(LogPosition { position: first - 1, chain: chain.unwrap_or(UNKNOWN_CHAIN), time: 0 })
}
