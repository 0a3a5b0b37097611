use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{LogPosition, Metrics, active::Active, fault::Fault, ledger::Ledger, segment::Segment};

/// How long the answer to "how much disk is free" is believed.
const BELIEVE: Duration = Duration::from_millis(100);

/// Removes what may go and keeps the journal within its bounds. Belongs to the writer.
#[derive(Debug)]
pub(crate) struct Retention {
    ledger: Arc<Ledger>,
    metrics: Metrics,
    free_bytes: u64,
    asked: Option<Instant>,
    /// A segment could not be removed; said once.
    stuck: bool,
}

impl Retention {
    pub(crate) fn new(ledger: Arc<Ledger>, metrics: Metrics) -> Self {
        Self { ledger, metrics, free_bytes: 0, asked: None, stuck: false }
    }

    /// Removes segments that every sink has and that are older than they must be kept.
    pub(crate) fn remove_aged(&mut self, active: &mut Active) -> Result<(), Fault> {
        let Some(floor) = self.ledger.floor() else { return Ok(()) };
        if self.ledger.oldest_sealed().is_none() {
            let synced = self.ledger.synced();
            if !active.has_frames() || !self.ledger.is_aged(synced, floor) {
                return Ok(());
            }
            active.roll(synced)?;
        }
        while let Some((oldest, last)) = self.ledger.oldest_sealed() {
            if !self.ledger.is_aged(last, floor) {
                break;
            }
            // A clock that is set back must bring nothing that would repeat what is gone.
            self.ledger.timeline.reach(floor.time);
            if !self.remove(oldest)? {
                break;
            }
        }
        Ok(())
    }

    /// Sees to it that `bytes` can be written: first history goes, then what only sinks lack that are not required.
    pub(crate) fn make_room(&mut self, bytes: u64, active: &mut Active, now: Instant) -> Result<(), Fault> {
        let bytes = bytes + Active::ROLL_BYTES;
        while self.ledger.bytes().saturating_add(bytes) > self.ledger.max_bytes {
            let floor = self.ledger.floor().ok_or(Fault::Full)?;
            let spared = floor.required.max(floor.all);
            let sealed = self.ledger.oldest_sealed();
            let last = sealed.as_ref().map_or(self.ledger.synced(), |(_, last)| *last);
            if last.position > spared {
                return Err(Fault::Full);
            }
            if last.position > floor.read {
                return Err(Fault::Unread);
            }
            match sealed {
                Some((oldest, last)) => self.evict(oldest, last, floor.all)?,
                None if active.has_frames() => active.roll(self.ledger.synced())?,
                None => return Err(Fault::Full),
            }
        }
        // The next start copies the segment that is written to now.
        let spare = self.ledger.min_free_bytes.max(active.bytes());
        if self.free_bytes(now) < spare.saturating_add(bytes) {
            return Err(Fault::Full);
        }
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
        if self.asked.is_none_or(|asked| now.saturating_duration_since(asked) >= BELIEVE) {
            // If it can't be told, the write will tell.
            self.free_bytes = self.ledger.free_bytes();
            self.asked = Some(now);
        }
        self.free_bytes
    }

    fn evict(&mut self, oldest: Arc<Segment>, last: LogPosition, delivered: u64) -> Result<(), Fault> {
        let before = oldest.before.position;
        let frames = last.position - before;
        let unread = last.position.saturating_sub(delivered.max(before));
        let path = oldest.path.clone();
        if !self.remove(oldest)? {
            return Err(Fault::Full);
        }
        self.ledger.count_evicted(frames, unread);
        self.metrics.evicted_frames.inc_by(frames);
        self.metrics.evicted_unread_frames.inc_by(unread);
        tracing::warn!(
            segment = %path.display(),
            frames,
            unread,
            "the journal has reached its largest size: a segment was removed before its age, so duplicates are known for a shorter time",
        );
        Ok(())
    }

    /// Removes a segment; `false` if the file system doesn't let it go.
    fn remove(&mut self, oldest: Arc<Segment>) -> Result<bool, Fault> {
        // First from the list, so that no reader looks for the file.
        self.ledger.forget_oldest();
        match self.ledger.storage.remove(&oldest.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                if !self.stuck {
                    tracing::error!(segment = %oldest.path.display(), %error, "can't remove a segment of the journal");
                }
                self.stuck = true;
                self.ledger.remember_oldest(oldest);
                return Ok(false);
            }
            _ => self.stuck = false,
        }
        // One at a time: were two removals reordered, a crash between them would leave a gap.
        self.ledger.storage.sync_directory(&self.ledger.directory).map_err(Fault::Broken)?;
        Ok(true)
    }
}
