use std::{io, sync::Arc};

use kalends_journal::Frame;

use crate::{
    error::{OpenError, SegmentError},
    format::segment_header,
    read::segment_scanner::{SegmentScanner, Step},
    shared::{SharedState, segment::Segment},
};

/// A place in one segment.
#[derive(Debug)]
pub(crate) struct Cursor {
    segment: Arc<Segment>,
    scanner: SegmentScanner,
}

impl Cursor {
    /// Stands behind the frame at `position`, in the segment that holds the next one; behind the gap, if it is missing.
    pub(crate) fn behind(shared: &SharedState, position: u64) -> Result<Self, SegmentError> {
        let gone =
            || SegmentError::Gone { position: position + 1, first_kept: shared.before_first().position + 1 };
        let segment = shared.segment_of(position.saturating_add(1)).ok_or_else(gone)?;
        let mut cursor = Self::at_start(shared, segment).map_err(|error| match error {
            // Removed since it was looked up.
            SegmentError::Io { source, .. } if source.kind() == io::ErrorKind::NotFound => gone(),
            error => error,
        })?;
        let step = cursor.scanner.seek(position, cursor.segment.synced_bytes());
        match step.map_err(|source| cursor.io(source))? {
            Step::Frame | Step::Gap => Ok(cursor),
            Step::End | Step::Broken => Err(cursor.damaged()),
        }
    }

    /// Stands before the first frame of `segment`.
    pub(crate) fn at_start(shared: &SharedState, segment: Arc<Segment>) -> Result<Self, SegmentError> {
        let file = shared.storage.open(&segment.path);
        let file = file.map_err(|source| SegmentError::Io { file: segment.path.clone(), source })?;
        let header = segment_header::read(&*file, &segment.path, &shared.identity, segment.first());
        if let Err(OpenError::Io { path, source, .. }) = header {
            return Err(SegmentError::Io { file: path, source });
        }
        let scanner = SegmentScanner::new(file, shared.identity.secret, segment.before);
        if header.ok() == Some(segment.before) {
            return Ok(Self { segment, scanner });
        }
        let what = "its header is not the one that was written".to_owned();
        Err(SegmentError::Damaged {
            file: segment.path.clone(),
            offset: 0,
            position: segment.before.position,
            what,
        })
    }

    /// Goes on to the next synced frame, over recorded gaps; `false` at the end of what is synced of the segment.
    pub(crate) fn advance(&mut self) -> Result<bool, SegmentError> {
        loop {
            match self.scanner.advance(self.segment.synced_bytes()).map_err(|source| self.io(source))? {
                Step::Frame => return Ok(true),
                Step::Gap => {}
                Step::End => return Ok(false),
                Step::Broken => return Err(self.damaged()),
            }
        }
    }

    pub(crate) fn segment(&self) -> &Arc<Segment> {
        &self.segment
    }

    pub(crate) fn scanner(&self) -> &SegmentScanner {
        &self.scanner
    }

    pub(crate) fn frame(&self) -> Option<Frame<'_>> {
        self.scanner.frame()
    }

    /// The error that says that the segment can't be read on from here.
    pub(crate) fn damaged(&self) -> SegmentError {
        SegmentError::Damaged {
            file: self.segment.path.clone(),
            offset: self.scanner.offset(),
            position: self.scanner.last().position,
            what: "no valid frame where one had been synced".to_owned(),
        }
    }

    fn io(&self, source: io::Error) -> SegmentError {
        SegmentError::Io { file: self.segment.path.clone(), source }
    }
}
