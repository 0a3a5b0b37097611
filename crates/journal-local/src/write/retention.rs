use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use kalends_journal::LogPosition;

use crate::{
    format::reached_time,
    metrics::Metrics,
    shared::{SharedState, segment::Segment},
    write::{active_segment::ActiveSegment, write_error::WriteError},
};

/// How long the answer to "how much disk is free" is believed.
const FREE_BYTES_MAX_AGE: Duration = Duration::from_millis(100);
/// How long no history goes for the disk's sake after an eviction that freed nothing.
const EVICTION_PAUSE: Duration = Duration::from_mins(1);

/// Removes what may go and keeps the journal within its bounds. Belongs to the writer.
#[derive(Debug)]
pub(crate) struct Retention {
    shared: Arc<SharedState>,
    metrics: Metrics,
    free_bytes: u64,
    asked: Option<Instant>,
    /// The last eviction freed no disk: until then there is no other one for the disk's sake.
    frees_nothing_until: Option<Instant>,
    /// The journal time that is on disk as reached.
    reached: Option<i64>,
    /// A segment could not be removed; said once.
    stuck: bool,
}

impl Retention {
    pub(crate) fn new(shared: Arc<SharedState>, metrics: Metrics) -> Self {
        Self {
            shared,
            metrics,
            free_bytes: 0,
            asked: None,
            frees_nothing_until: None,
            reached: None,
            stuck: false,
        }
    }

    /// Removes segments that every sink has and that are older than they must be kept.
    pub(crate) fn remove_aged(&mut self, active: &mut ActiveSegment) -> Result<(), WriteError> {
        let Some(watermark) = self.shared.watermark() else { return Ok(()) };
        if self.shared.oldest_sealed().is_none() {
            let synced = self.shared.synced();
            if !active.has_frames() || self.shared.ends_in_gap() || !self.shared.is_aged(synced, watermark) {
                return Ok(());
            }
            active.roll(synced)?;
        }
        while let Some((oldest, last)) = self.shared.oldest_sealed() {
            if !self.shared.is_aged(last, watermark) {
                break;
            }
            if !self.reach(watermark.time)? || !self.remove(oldest)? {
                break;
            }
        }
        Ok(())
    }

    /// Lets journal time not go back behind `time`, not even when the clock is set back and the daemon started anew: nothing may
    /// come that would repeat what is gone. `false` if the disk has no room to say so.
    fn reach(&mut self, time: i64) -> Result<bool, WriteError> {
        if self.reached.is_some_and(|reached| reached >= time) {
            return Ok(true);
        }
        let SharedState { storage, directory, identity, clock, .. } = &*self.shared;
        match reached_time::store(&**storage, directory, identity.secret, time).map_err(WriteError::of) {
            Err(WriteError::Full) => return Ok(false),
            stored => stored?,
        }
        clock.reach(time);
        self.reached = Some(time);
        Ok(true)
    }

    /// Sees to it that `bytes` can be written: history goes first, then what only sinks lack that are not required.
    pub(crate) fn make_room(
        &mut self,
        bytes: u64,
        active: &mut ActiveSegment,
        now: Instant,
    ) -> Result<(), WriteError> {
        let bytes = bytes + ActiveSegment::ROLL_BYTES;
        while self.shared.bytes().saturating_add(bytes) > self.shared.max_bytes {
            self.evict_oldest(active, "the journal has reached its largest size")?;
        }
        // The next start copies the segment that is written to now.
        while self.free_bytes(now) < self.shared.min_free_bytes.max(active.bytes()).saturating_add(bytes) {
            self.evict_for_disk(active, now)?;
        }
        Ok(())
    }

    /// Lets the oldest segment go because the disk is full. What somebody else takes at once, or a snapshot keeps, is not
    /// freed: then the history that is left stays.
    fn evict_for_disk(&mut self, active: &mut ActiveSegment, now: Instant) -> Result<(), WriteError> {
        if self.frees_nothing_until.is_some_and(|until| now < until) {
            return Err(WriteError::Full);
        }
        let before = self.shared.free_bytes();
        self.evict_oldest(active, "the disk is full")?;
        self.free_bytes = self.shared.free_bytes();
        self.asked = Some(now);
        self.frees_nothing_until = (self.free_bytes <= before).then(|| now + EVICTION_PAUSE);
        Ok(())
    }

    /// Takes note of bytes that were written.
    pub(crate) fn spent(&mut self, bytes: u64) {
        self.free_bytes = self.free_bytes.saturating_sub(bytes);
    }

    /// Takes note that the disk took no more, whatever it said: it is asked again.
    pub(crate) fn refused(&mut self) {
        self.asked = None;
    }

    fn free_bytes(&mut self, now: Instant) -> u64 {
        if self.asked.is_none_or(|asked| now.saturating_duration_since(asked) >= FREE_BYTES_MAX_AGE) {
            // If it can't be told, the write will tell.
            self.free_bytes = self.shared.free_bytes();
            self.asked = Some(now);
        }
        self.free_bytes
    }

    /// Removes the oldest segment before its age, ending the one that is written to if there is no other.
    fn evict_oldest(&mut self, active: &mut ActiveSegment, why: &str) -> Result<(), WriteError> {
        let watermark = self.shared.watermark().ok_or(WriteError::Full)?;
        let spared = watermark.required.max(watermark.all);
        let sealed = self.shared.oldest_sealed();
        let last = sealed.as_ref().map_or(self.shared.synced(), |(_, last)| *last);
        if last.position > spared {
            return Err(WriteError::Full);
        }
        if last.position > watermark.read {
            return Err(WriteError::Unread);
        }
        let sealed = match sealed {
            // No sink can have a gap at the end: behind it, all of them would look as if they lacked something.
            None if active.has_frames() && !self.shared.ends_in_gap() => {
                active.roll(self.shared.synced())?;
                self.shared.oldest_sealed()
            }
            sealed => sealed,
        };
        let (oldest, last) = sealed.ok_or(WriteError::Full)?;
        self.evict(oldest, last, watermark.all, why)
    }

    fn evict(
        &mut self,
        oldest: Arc<Segment>,
        last: LogPosition,
        delivered: u64,
        why: &str,
    ) -> Result<(), WriteError> {
        let before = oldest.before.position;
        let frames = last.position - before;
        let unread = last.position.saturating_sub(delivered.max(before));
        let path = oldest.path.clone();
        if !self.remove(oldest)? {
            return Err(WriteError::Full);
        }
        self.shared.count_evicted(frames, unread);
        self.metrics.evicted_frames.inc_by(frames);
        self.metrics.evicted_unread_frames.inc_by(unread);
        tracing::warn!(
            segment = %path.display(),
            frames,
            unread,
            "{why}: a segment of the journal was removed before its age, so duplicates are known for a shorter time",
        );
        Ok(())
    }

    /// Removes a segment; `false` if the file system doesn't let it go.
    fn remove(&mut self, oldest: Arc<Segment>) -> Result<bool, WriteError> {
        // First from the list, so that no reader looks for the file.
        self.shared.forget_oldest();
        match self.shared.storage.remove(&oldest.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                if !self.stuck {
                    tracing::error!(segment = %oldest.path.display(), %error, "can't remove a segment of the journal");
                }
                self.stuck = true;
                self.shared.remember_oldest(oldest);
                return Ok(false);
            }
            _ => self.stuck = false,
        }
        // One at a time: were two removals reordered, a crash between them would leave a gap.
        self.shared.storage.sync_directory(&self.shared.directory).map_err(WriteError::Broken)?;
        Ok(true)
    }
}
