use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use kalends_journal::LogPosition;

use crate::{
    format::{
        group::{self, Group},
        segment_header,
    },
    metrics::Metrics,
    settings::Settings,
    shared::{SharedState, segment::Segment},
    storage::{File, to_u64, to_usize},
    write::{batch::Batch, segment_file, write_error::WriteError},
};

const ALLOCATE_BYTES: u64 = 4 << 20;
/// A sync of a group up to this size takes longer over recording that space is used now than over the group.
const SMALL_GROUP_BYTES: u64 = 16 << 10;
/// So many small groups fit into these that the dear sync among them is not the hundredth.
static ZEROS: [u8; 256 << 10] = [0; 256 << 10];
/// No segment is sealed for its age before this.
const MIN_SEGMENT_AGE: Duration = Duration::from_mins(1);

/// The segment that is written to.
#[derive(Debug)]
pub(crate) struct ActiveSegment {
    shared: Arc<SharedState>,
    metrics: Metrics,
    file: Box<dyn File>,
    segment: Arc<Segment>,
    /// Where the next group goes: behind all that is synced.
    end: u64,
    /// Where the space ends that was allocated ahead.
    allocated: u64,
    /// Where the zeros end that were written ahead.
    zeroed: u64,
    /// Journal time of the first frame that was written to it.
    begun: Option<i64>,
    max_bytes: u64,
    max_age_micros: i64,
}

impl ActiveSegment {
    /// Bytes that sealing this segment and beginning the next one takes.
    pub(crate) const ROLL_BYTES: u64 = segment_header::END + 40;

    pub(crate) fn new(
        shared: Arc<SharedState>,
        metrics: Metrics,
        settings: &Settings,
        file: Box<dyn File>,
        segment: Arc<Segment>,
    ) -> Self {
        let synced = shared.synced();
        // A part of the retention time, so that one young frame doesn't keep a whole segment of old ones for long.
        let age = (settings.retain / 4).max(MIN_SEGMENT_AGE);
        Self {
            metrics,
            file,
            end: segment.synced_bytes(),
            allocated: segment.synced_bytes(),
            zeroed: segment.synced_bytes(),
            begun: (synced.position >= segment.first()).then_some(synced.time),
            segment,
            max_bytes: settings.segment_bytes.min(settings.max_bytes / 4),
            max_age_micros: i64::try_from(age.as_micros()).unwrap_or(i64::MAX),
            shared,
        }
    }

    /// Whether there is a frame in it.
    pub(crate) fn has_frames(&self) -> bool {
        self.begun.is_some()
    }

    /// Its length, in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.end
    }

    /// Makes a batch durable, in the next segment if this one is large or old enough.
    pub(crate) fn write(&mut self, batch: &mut Batch) -> Result<(), WriteError> {
        if self.is_due(batch) {
            self.roll(batch.before())?;
        }
        let end = self.end + batch.size_with(None);
        self.allocate(end);
        self.write_zeros_behind(end)?;
        self.put(batch.group_at(self.shared.identity.secret, self.end), end)?;
        self.begun.get_or_insert(batch.last().time);
        Ok(())
    }

    /// Puts on record that everything through `synced` is synced.
    pub(crate) fn seal(&mut self, synced: LogPosition) -> Result<(), WriteError> {
        let seal = Group::after(synced, 0).encode(self.shared.identity.secret, self.end);
        let end = self.end + to_u64(group::HEADER_BYTES);
        if self.allocated != end {
            self.file.set_length(end).map_err(WriteError::of)?;
            self.allocated = end;
        }
        self.put(&seal, end)
    }

    /// Seals the segment and begins the next one.
    pub(crate) fn roll(&mut self, synced: LogPosition) -> Result<(), WriteError> {
        self.seal(synced)?;
        let shared = &self.shared;
        let segment = Arc::new(Segment::new(&shared.directory, synced, segment_header::END));
        self.file = segment_file::create(&*shared.storage, &shared.directory, &shared.identity, &segment)?;
        shared.push(Arc::clone(&segment));
        (self.segment, self.end, self.begun) = (segment, segment_header::END, None);
        (self.allocated, self.zeroed) = (self.end, self.end);
        Ok(())
    }

    fn is_due(&self, batch: &Batch) -> bool {
        let too_large = self.end + batch.size_with(None) > self.max_bytes;
        self.begun
            .is_some_and(|begun| too_large || batch.last().time.saturating_sub(begun) > self.max_age_micros)
    }

    /// Takes space ahead: a sync is dearer when it has to record that the file grew.
    fn allocate(&mut self, end: u64) {
        let ahead = (self.end + ALLOCATE_BYTES).min(self.max_bytes);
        if end > self.allocated && ahead > end {
            // A file system that can't, or has no room for it, may still take the write.
            let allocated = self.file.allocate(ahead);
            self.allocated = if allocated.is_ok() { ahead } else { u64::MAX };
        }
    }

    /// Has space written to that was only allocated, when small groups will go there: a sync is dearer when it has to
    /// record that space is used from now on. Large groups are written once only.
    fn write_zeros_behind(&mut self, end: u64) -> Result<(), WriteError> {
        let small = end - self.end <= SMALL_GROUP_BYTES;
        let has_space = end < self.allocated && self.allocated < u64::MAX;
        if !small || !has_space || end <= self.zeroed {
            return Ok(());
        }
        self.zeroed = self.allocated.min(end + to_u64(ZEROS.len()));
        let zeros = ZEROS.get(..to_usize(self.zeroed - end)).unwrap_or_default();
        match self.file.write_at(zeros, end).map_err(WriteError::of) {
            // Without zeros the group itself may still find room.
            Err(WriteError::Full) => Ok(()),
            written => written,
        }
    }

    /// A file without its name is synced for nothing: it goes when this process goes.
    fn check_name(&self) -> Result<(), WriteError> {
        if self.file.is_at(&self.segment.path).map_err(WriteError::Broken)? {
            return Ok(());
        }
        let what = format!("{} was removed or replaced while it was written to", self.segment.path.display());
        Err(WriteError::Broken(io::Error::new(io::ErrorKind::NotFound, what)))
    }

    /// One write, one sync. Only after both is the segment said to reach to `end`.
    fn put(&mut self, bytes: &[u8], end: u64) -> Result<(), WriteError> {
        if let Err(error) = self.file.write_at(bytes, self.end) {
            let fault = WriteError::of(error);
            if matches!(fault, WriteError::Full) {
                self.file.set_length(self.end).map_err(WriteError::Broken)?;
                (self.allocated, self.zeroed) = (self.end, self.end);
            }
            return Err(fault);
        }
        let started = Instant::now();
        // Once it has failed, another sync may succeed without the bytes ever reaching the disk: never try again.
        self.file.sync().map_err(WriteError::Broken)?;
        self.metrics.sync_seconds.observe(started.elapsed().as_secs_f64());
        self.check_name()?;
        self.end = end;
        self.segment.set_synced_bytes(end);
        Ok(())
    }
}
