use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use kalends_journal::{Log, ReadError, Reader};

use crate::{
    board::{Board, Judged},
    metrics::ScannerMetrics,
    progress::Progress,
    scan::{Content, Scan, Scanned, Unreadable},
    stop::Stop,
    window::{Verdict, Window},
};

/// Bounds of what is judged before sink loops hear of it.
const MOST_EVENTS: usize = 256;
const MOST_BYTES: usize = 1 << 20;
/// How often, at most, retention and the sinks' lag are brought up to date.
const REFRESH: Duration = Duration::from_millis(200);
/// And how often at least, when nothing arrives.
const TICK: Duration = Duration::from_secs(1);
/// Rest between two looks at a journal that does not wait.
const PAUSE: Duration = Duration::from_millis(20);

/// Reads each synced receipt once, in order, and judges it.
///
/// It begins at the oldest receipt that is kept: that rebuilds the duplicate window after any crash.
pub(crate) struct Scanner {
    pub(crate) log: Log,
    pub(crate) reader: Reader,
    pub(crate) scan: Scan,
    pub(crate) window: Window,
    pub(crate) board: Arc<Board>,
    pub(crate) progress: Arc<Progress>,
    pub(crate) metrics: ScannerMetrics,
    /// What stands behind this position was received by this process, and is counted.
    pub(crate) counted_after: u64,
    pub(crate) stop: Arc<Stop>,
}

#[derive(Debug, thiserror::Error)]
enum ScanError {
    #[error(transparent)]
    Journal(#[from] ReadError),
    #[error(transparent)]
    Receipt(#[from] Unreadable),
}

impl Scanner {
    /// Runs until `ended` says that every sink loop has ended.
    pub(crate) fn run(mut self, ended: impl Fn() -> bool) {
        let (mut judged, mut refreshed) = (Vec::new(), None::<Instant>);
        while !ended() {
            if refreshed.is_none_or(|at| at.elapsed() >= REFRESH) {
                refreshed = Some(Instant::now());
                self.metrics.window(&self.window);
                self.progress.refresh(&self.log, &self.board);
            }
            match self.step(&mut judged) {
                Ok(()) if judged.is_empty() => self.wait(),
                Ok(()) => self.board.publish(&mut judged, self.window.len()),
                Err(error) => self.stall(&mut judged, &error),
            }
        }
    }

    /// A closed journal no longer waits with us; it may be closed for a while before delivery is told to end.
    fn wait(&self) {
        let begun = Instant::now();
        let synced = self.log.wait_beyond(self.reader.position(), TICK);
        if synced.position <= self.reader.position() && begun.elapsed() < PAUSE {
            thread::park_timeout(PAUSE);
        }
    }

    fn step(&mut self, judged: &mut Vec<Judged>) -> Result<(), ScanError> {
        let mut bytes = 0;
        while judged.len() < MOST_EVENTS && bytes < MOST_BYTES {
            let Some(frame) = self.reader.next()? else { break };
            let event = self.scan.read(&frame)?;
            bytes += event.weight;
            judged.push(self.judge(event));
        }
        Ok(())
    }

    fn judge(&mut self, event: Scanned) -> Judged {
        let counted = event.position > self.counted_after;
        let verdict = match &event.content {
            Content::Event(content) => content.fingerprint.map(|f| self.window.observe(f, event.time)),
            Content::DeadLetter { .. } => None,
        };
        if counted {
            self.metrics.count(&event.content, verdict);
        }
        Judged { event: Arc::new(event), duplicate: verdict == Some(Verdict::Duplicate) }
    }

    /// What was judged before the fault stays judged; then the reader starts anew behind it.
    fn stall(&mut self, judged: &mut Vec<Judged>, error: &ScanError) {
        let message = error.to_string();
        self.board.publish(judged, self.window.len());
        self.reader = self.log.read_after(self.board.scanned());
        if self.board.error().as_ref() != Some(&message) {
            tracing::error!(error = %message, "the scanner can't go on: nothing behind this position is delivered");
        }
        self.board.stall(message);
        self.stop.wait(TICK);
    }
}
