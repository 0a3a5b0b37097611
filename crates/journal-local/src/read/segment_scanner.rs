use std::io;

use kalends_journal::{Frame, LogPosition};

use crate::{
    format::{
        block_marker::BlockMarker,
        frame, gap,
        group::{self, Group},
        segment_header,
    },
    storage::{File, fill_at, to_u64, to_usize},
};

const READ_BYTES: usize = 256 << 10;
const HOP_BYTES: usize = 16 << 10;

/// What stands next in a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// A valid frame, now given by [`SegmentScanner::frame`].
    Frame,
    /// A recorded gap: [`SegmentScanner::last`] is its last position.
    Gap,
    /// Nothing: the segment ends here.
    End,
    /// Something that is neither a valid group header, nor a valid gap, nor a valid frame.
    Broken,
}

/// Goes through a segment frame by frame and verifies the chain.
#[derive(Debug)]
pub(crate) struct SegmentScanner {
    file: Box<dyn File>,
    secret: u64,
    buffer: Vec<u8>,
    filled: usize,
    buffer_at: u64,
    at: u64,
    group_at: u64,
    group: Option<Group>,
    last: LogPosition,
    frame_at: Option<u64>,
}

impl SegmentScanner {
    /// Starts at the first group of `file`, whose first frame follows `before`.
    pub(crate) fn new(file: Box<dyn File>, secret: u64, before: LogPosition) -> Self {
        Self {
            file,
            secret,
            buffer: Vec::new(),
            filled: 0,
            buffer_at: 0,
            at: segment_header::END,
            group_at: segment_header::END,
            group: None,
            last: before,
            frame_at: None,
        }
    }

    /// The last valid frame, or the last missing one of a gap. After [`SegmentScanner::seek`] to the start of a segment: the frame
    /// before it.
    pub(crate) fn last(&self) -> LogPosition {
        self.last
    }

    /// The offset behind all that was valid.
    pub(crate) fn offset(&self) -> u64 {
        self.at
    }

    /// The group that the scanner stands in, and its offset.
    pub(crate) fn group(&self) -> Option<(u64, Group)> {
        self.group.map(|group| (self.group_at, group))
    }

    /// Ends the scanner.
    pub(crate) fn into_file(self) -> Box<dyn File> {
        self.file
    }

    /// Goes on to the next frame or gap, without reading at or beyond `limit`.
    pub(crate) fn advance(&mut self, limit: u64) -> io::Result<Step> {
        self.frame_at = None;
        while self.at == self.group_end() {
            if self.at >= limit {
                return Ok(Step::End);
            }
            let Some(marker) = self.marker(limit, READ_BYTES)? else { return Ok(Step::Broken) };
            if Some(marker.first()) != self.last.position.checked_add(1)
                || marker.chain_before() != self.last.chain
            {
                return Ok(Step::Broken);
            }
            match marker {
                BlockMarker::Group(group) => self.enter(group),
                BlockMarker::Gap(gap) => {
                    (self.group, self.last) = (None, gap.after(self.last));
                    self.at += to_u64(gap::BYTES);
                    return Ok(Step::Gap);
                }
            }
        }
        let limit = limit.min(self.group_end());
        let length = self.view(frame::HEADER_BYTES, limit, READ_BYTES)?.and_then(frame::length);
        let Some(length) = length else { return Ok(Step::Broken) };
        let last = self.last;
        let bytes = self.view(to_usize(length), limit, READ_BYTES)?;
        let Some(frame) = bytes.and_then(|bytes| frame::decode(bytes, last)) else { return Ok(Step::Broken) };
        let mark = LogPosition { position: frame.position, chain: frame.chain, time: frame.time };
        self.frame_at = Some(self.at);
        self.last = mark;
        self.at += length;
        Ok(Step::Frame)
    }

    /// The frame that the last [`SegmentScanner::advance`] found.
    pub(crate) fn frame(&self) -> Option<Frame<'_>> {
        let at = self.frame_at?;
        let start = to_usize(at.checked_sub(self.buffer_at)?);
        let frame = self.buffer.get(start..start + to_usize(self.at - at))?;
        let LogPosition { position, chain, time } = self.last;
        Some(Frame { position, time, chain, payload: frame.get(frame::HEADER_BYTES..)? })
    }

    /// Goes forward to where `position` is the last frame read, hopping over whole groups; behind the gap, if it is missing.
    /// The scanner must be new and `position` not before the segment. [`Step::End`] and [`Step::Broken`] mean that it is not there.
    pub(crate) fn seek(&mut self, position: u64, limit: u64) -> io::Result<Step> {
        if self.last.position == position {
            return Ok(Step::Frame);
        }
        let (mut start, mut before) = (self.at, self.last);
        while let Some(marker) = self.marker(limit, HOP_BYTES)?.filter(|marker| marker.first() <= position) {
            start = self.at;
            let (position, chain) = (marker.first().saturating_sub(1), marker.chain_before());
            before = LogPosition { position, chain, ..before };
            self.at = match marker {
                BlockMarker::Group(group) => group.end(self.at),
                BlockMarker::Gap(_) => self.at + to_u64(gap::BYTES),
            };
        }
        (self.at, self.group, self.last) = (start, None, before);
        loop {
            match self.advance(limit)? {
                Step::Frame | Step::Gap if self.last.position < position => {}
                step => return Ok(step),
            }
        }
    }

    fn group_end(&self) -> u64 {
        self.group.map_or(self.at, |group| group.end(self.group_at))
    }

    fn enter(&mut self, group: Group) {
        self.group = Some(group);
        self.group_at = self.at;
        self.at += to_u64(group::HEADER_BYTES);
    }

    fn marker(&mut self, limit: u64, ahead: usize) -> io::Result<Option<BlockMarker>> {
        let (secret, at) = (self.secret, self.at);
        let Some(start) = self.view(group::HEADER_BYTES, limit, ahead)? else { return Ok(None) };
        let length = BlockMarker::length(start);
        let bytes = self.view(length, limit, ahead)?;
        Ok(bytes.and_then(|bytes| BlockMarker::decode(bytes, secret, at)))
    }

    /// The next `length` bytes; `None` if they reach beyond `limit` or the file's end.
    fn view(&mut self, length: usize, limit: u64, ahead: usize) -> io::Result<Option<&[u8]>> {
        let left = limit.saturating_sub(self.at);
        if to_u64(length) > left {
            return Ok(None);
        }
        let start = self.at.checked_sub(self.buffer_at).map_or(usize::MAX, to_usize);
        let buffered = start.checked_add(length).is_some_and(|end| end <= self.filled);
        if !buffered {
            let wanted = length.max(ahead).min(to_usize(left));
            if self.buffer.len() < wanted {
                self.buffer.resize(wanted, 0);
            }
            self.filled = 0;
            self.buffer_at = self.at;
            let place = self.buffer.get_mut(..wanted).unwrap_or_default();
            self.filled = fill_at(&*self.file, place, self.at)?;
        }
        let start = if buffered { start } else { 0 };
        Ok(self.buffer.get(..self.filled).and_then(|bytes| bytes.get(start..)?.get(..length)))
    }
}
