use std::time::{Duration, Instant};

/// Between two lines of the log.
const TELL_EVERY: Duration = Duration::from_secs(5);

/// Tells the log how far the scanner is with what the journal held at the start: until all of it is read, the duplicate
/// window is not whole, and nothing new is delivered.
#[derive(Debug)]
pub(crate) struct WindowRebuild {
    first: u64,
    through: u64,
    began: Instant,
    told: Instant,
    ended: bool,
}

impl WindowRebuild {
    /// Of the positions behind `after`, through this one.
    pub(crate) fn new(after: u64, through: u64) -> Self {
        let now = Instant::now();
        Self { first: after.saturating_add(1), through, began: now, told: now, ended: through <= after }
    }

    /// The scanner is here.
    pub(crate) fn at(&mut self, scanned: u64) {
        let Self { first, through, .. } = *self;
        if self.ended {
            return;
        }
        if scanned >= through {
            self.ended = true;
            let (events, seconds) = (through - first + 1, self.began.elapsed().as_secs_f64());
            tracing::info!(events, seconds, "the duplicate window is rebuilt from the journal");
        } else if self.told.elapsed() >= TELL_EVERY {
            self.told = Instant::now();
            tracing::info!(scanned, through, "rebuilding the duplicate window from the journal");
        }
    }
}
