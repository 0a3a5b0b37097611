//! Goes through a segment past damage: what is trusted is tied to the journal's history by its chain, on one side or the other.

use std::{collections::HashSet, ops::Range};

use kalends_journal::LogPosition;

use crate::{
    format::{
        block_marker::BlockMarker,
        frame,
        gap::{self, UNKNOWN_CHAIN},
        group, segment_header,
    },
    storage::{to_u64, to_usize},
};

/// A part of a segment's bytes between two marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) kind: Kind,
    pub(crate) bytes: Range<usize>,
    /// The frame before it.
    pub(crate) before: LogPosition,
    /// Its last frame.
    pub(crate) after: LogPosition,
}

/// What a section is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Valid frames of one group.
    Frames,
    /// A gap that is on record.
    Gap,
    /// Unreadable; the frames between its marks are missing, if there are any.
    Damage,
}

/// What a segment still holds.
#[derive(Debug)]
pub(crate) struct Contents {
    /// In order. Headers and seals that are valid belong to none.
    pub(crate) sections: Vec<Section>,
    /// The last frame, there or missing.
    pub(crate) last: LogPosition,
    /// Where what stands behind all that is trusted begins: zeros, or a write that nothing proves to have been synced.
    pub(crate) end: usize,
}

impl Contents {
    /// Whether nothing is damaged.
    pub(crate) fn is_whole(&self) -> bool {
        self.sections.iter().all(|section| section.kind != Kind::Damage)
    }
}

/// Reads a segment's bytes, whose first frame follows `before`. `next` is the mark that a sealed segment ends with, its
/// chain unknown if need be; without one it is the segment that is written to.
pub(crate) fn resync(bytes: &[u8], secret: u64, before: LogPosition, next: Option<LogPosition>) -> Contents {
    let start = to_usize(segment_header::END).min(bytes.len());
    let mut search = Resync {
        bytes,
        secret,
        next,
        at: start,
        last: before,
        group_end: None,
        sealed: false,
        proven: 0,
        sections: Vec::new(),
    };
    while search.take_next() || search.skip_damage() {}
    search.finish()
}

struct Resync<'a> {
    bytes: &'a [u8],
    secret: u64,
    next: Option<LogPosition>,
    at: usize,
    last: LogPosition,
    /// Where the group ends that `at` stands in; `None` behind a header that could not be read.
    group_end: Option<usize>,
    /// The last valid thing was a seal.
    sealed: bool,
    /// So many sections stand before a valid marker.
    proven: usize,
    sections: Vec<Section>,
}

impl Resync<'_> {
    /// Takes the next valid marker or frame; `false` if there is none here.
    fn take_next(&mut self) -> bool {
        if self.group_end.is_none_or(|end| self.at == end)
            && let Some(marker) = self.marker(self.at)
            && mark_before(&marker, self.last) == self.last
        {
            self.enter(&marker);
            return true;
        }
        let end = self.group_end.unwrap_or(self.bytes.len()).min(self.bytes.len());
        let rest = self.bytes.get(self.at..end).unwrap_or_default();
        let Some(frame) = frame::decode(rest, self.last) else { return false };
        let after = LogPosition { position: frame.position, chain: frame.chain, time: frame.time };
        let end = self.at + frame::HEADER_BYTES + frame.payload.len();
        self.take(Kind::Frames, end, after);
        true
    }

    fn enter(&mut self, marker: &BlockMarker) {
        self.proven = self.sections.len();
        match marker {
            BlockMarker::Group(group) => {
                self.sealed = group.length == 0;
                self.at += group::HEADER_BYTES;
                self.group_end = Some(self.at + to_usize(u64::from(group.length)));
            }
            BlockMarker::Gap(gap) => {
                self.take(Kind::Gap, self.at + gap::BYTES, gap.after(self.last));
                self.proven = self.sections.len();
                self.group_end = None;
            }
        }
    }

    fn take(&mut self, kind: Kind, end: usize, after: LogPosition) {
        let same_group = |section: &&mut Section| {
            (section.kind, section.bytes.end) == (Kind::Frames, self.at) && kind == Kind::Frames
        };
        match self.sections.last_mut().filter(same_group) {
            Some(section) => (section.bytes.end, section.after) = (end, after),
            None => self.sections.push(Section { kind, bytes: self.at..end, before: self.last, after }),
        }
        (self.at, self.last, self.sealed) = (end, after, false);
    }

    /// Goes to where the next trusted thing begins; `false` if there is none.
    fn skip_damage(&mut self) -> bool {
        let Some((at, mark)) = self
            .after_damaged_frame()
            .or_else(|| self.after_damaged_header())
            .or_else(|| self.at_next_anchor())
        else {
            return false;
        };
        if (at, mark) == (self.at, self.last) {
            return false;
        }
        let inside = self.group_end.is_some_and(|end| at < end);
        self.take(Kind::Damage, at, mark);
        self.group_end = self.group_end.filter(|_| inside);
        true
    }

    /// The frame behind a damaged one: wherever it stands if the damaged one's checksum is whole, which no payload can know
    /// beforehand; or where the damaged one's length says, if nothing but that checksum is damaged.
    fn after_damaged_frame(&self) -> Option<(usize, LogPosition)> {
        let limit = self.group_end.unwrap_or(self.bytes.len()).min(self.bytes.len());
        let (stored, length) = frame::peek(self.bytes.get(self.at..limit)?)?;
        let mark = |chain| LogPosition { position: self.last.position + 1, chain, time: self.last.time };
        let fits = |at: usize, mark: LogPosition| {
            frame::decode(self.bytes.get(at..limit)?, mark).map(|_| (at, mark))
        };
        let damaged = self.bytes.get(self.at..limit)?.get(..to_usize(length));
        let computed = damaged.and_then(|damaged| {
            let chain = frame::chain_of(damaged, self.last.chain);
            fits(self.at + damaged.len(), mark(chain))
        });
        let mut offsets = self.at + frame::HEADER_BYTES..limit;
        computed.or_else(|| offsets.find_map(|at| fits(at, mark(stored.chain))))
    }

    /// The first frame of a group whose header is damaged.
    fn after_damaged_header(&self) -> Option<(usize, LogPosition)> {
        let at = self.at + group::HEADER_BYTES;
        frame::decode(self.bytes.get(at..)?, self.last).map(|_| (at, self.last))
    }

    /// The next marker, or the end of a sealed segment; or the first of the frames that lead there.
    fn at_next_anchor(&self) -> Option<(usize, LogPosition)> {
        let mut offsets = self.at..self.bytes.len();
        let marker = offsets.find_map(|at| {
            let mark = mark_before(&self.marker(at)?, self.last);
            self.may_follow(mark).then_some((at, mark))
        });
        let end = || Some((self.bytes.len(), self.next.filter(|next| self.may_follow(*next))?));
        let (at, mark) = marker.or_else(end)?;
        if mark.position == self.last.position {
            return Some((at, self.last));
        }
        let mark = LogPosition { time: self.last.time.max(mark.time), ..mark };
        Some(self.frames_ending_at(at, mark).unwrap_or((at, mark)))
    }

    fn may_follow(&self, mark: LogPosition) -> bool {
        mark.position > self.last.position || same(mark, self.last)
    }

    /// The first of the frames before `end` that run to `mark` without a break: no payload can be made to do that, for its
    /// own checksum would have to be in it.
    fn frames_ending_at(&self, end: usize, mark: LogPosition) -> Option<(usize, LogPosition)> {
        if mark.chain == UNKNOWN_CHAIN {
            return None;
        }
        let mut dead = HashSet::new();
        (self.at..end).find_map(|start| {
            let (stored, length) = frame::peek(self.bytes.get(start..end)?)?;
            if stored.position <= self.last.position || stored.position >= mark.position {
                return None;
            }
            let behind = start.checked_add(to_usize(length)).filter(|behind| *behind < end)?;
            let first = LogPosition { time: self.last.time, ..stored };
            let (mut at, mut last) = (behind, first);
            while !same(last, mark) {
                let frame = frame::decode(self.bytes.get(at..end)?, last)
                    .filter(|_| !dead.contains(&(at, last.chain)))?;
                dead.insert((at, last.chain));
                at += frame::HEADER_BYTES + frame.payload.len();
                last = LogPosition { position: frame.position, chain: frame.chain, time: frame.time };
            }
            Some((behind, first))
        })
    }

    fn marker(&self, at: usize) -> Option<BlockMarker> {
        BlockMarker::decode(self.bytes.get(at..)?, self.secret, to_u64(at))
    }

    fn finish(mut self) -> Contents {
        let length = self.bytes.len();
        if let Some(next) = self.next {
            let broken_off = self.at < length || !same(self.last, next) || !self.sealed;
            let noted = self.sections.last().is_some_and(|last| last.kind == Kind::Damage);
            if broken_off && !(noted && self.at == length) {
                self.take(Kind::Damage, length, self.last);
            }
            return Contents { sections: self.sections, last: self.last, end: length };
        }
        // What no marker stands behind may be a write that a crash tore.
        let unproven = self.sections.iter().skip(self.proven).position(|s| s.kind == Kind::Damage);
        if let Some(torn) = unproven.and_then(|index| self.sections.get(self.proven + index)).cloned() {
            self.sections.truncate(self.proven + unproven.unwrap_or_default());
            (self.at, self.last) = (torn.bytes.start, torn.before);
        }
        Contents { sections: self.sections, last: self.last, end: self.at }
    }
}

fn mark_before(marker: &BlockMarker, last: LogPosition) -> LogPosition {
    let position = marker.first().saturating_sub(1);
    LogPosition { position, chain: marker.chain_before(), time: last.time }
}

/// Whether two marks may be of the same frame.
pub(crate) fn same(mark: LogPosition, other: LogPosition) -> bool {
    let unknown = mark.chain == UNKNOWN_CHAIN || other.chain == UNKNOWN_CHAIN;
    mark.position == other.position && (unknown || mark.chain == other.chain)
}
