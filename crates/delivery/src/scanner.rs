use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use kalends_journal::{JournalReader, ReadError, Reader};
use kalends_normalise::Plan;

use crate::{
    board::{Board, Judged},
    choice::ReplayFilter,
    clock::Clock,
    condition::Condition,
    intake::HISTORY,
    metrics::ScannerMetrics,
    progress::Progress,
    rebuild::Rebuild,
    scan::{Content, Scan, Scanned, Unreadable},
    state::SinkState,
    stop::Stop,
    window::{Verdict, Window},
    worker::{Task, Wait},
};

/// Bounds of what is judged before sink loops hear of it.
const MOST_EVENTS: usize = 256;
const MOST_BYTES: usize = 1 << 20;
/// How often, at most, the gauges are brought up to date.
const REFRESH: Duration = Duration::from_millis(200);
/// And how often at least, when nothing arrives.
const TICK: Duration = Duration::from_secs(1);
/// Wait between two looks at a journal that does not wait.
const PAUSE: Duration = Duration::from_millis(20);
/// How long the first event after a lull waits for others, so that seldom events don't wake every thread one by one.
const GATHER: Duration = Duration::from_millis(20);

/// Reads each synced receipt once, in order, and judges it.
///
/// It begins at the oldest receipt that is kept: that rebuilds the duplicate window after any crash.
pub(crate) struct Scanner {
    pub(crate) log: JournalReader,
    pub(crate) reader: Reader,
    pub(crate) scan: Scan,
    pub(crate) window: Window,
    pub(crate) board: Arc<Board>,
    pub(crate) progress: Arc<Progress>,
    pub(crate) metrics: ScannerMetrics,
    /// In a replay, the events that it takes: others are no duplicates, and nothing is one of theirs.
    pub(crate) choice: Option<Arc<ReplayFilter>>,
    pub(crate) plan: Arc<Plan>,
    /// What stands behind this position was received by this process, and is counted.
    pub(crate) counted_after: u64,
    /// Those of the sink loops: it ends when all of them have, or when they want no more of it.
    pub(crate) sinks: Vec<Arc<Condition>>,
    pub(crate) stop: Arc<Stop>,
    pub(crate) clock: Clock,
    pub(crate) refreshed: Option<Instant>,
    pub(crate) rebuild: Rebuild,
}

#[derive(Debug, thiserror::Error)]
enum ScanError {
    #[error(transparent)]
    Journal(#[from] ReadError),
    #[error(transparent)]
    Receipt(#[from] Unreadable),
}

impl Task for Scanner {
    fn turn(&mut self) -> Wait {
        let all_ended = self.sinks.iter().all(|sink| sink.now().state == SinkState::Stopped);
        if all_ended || self.stop.is_over(self.clock.steady()) {
            return Wait::Ended;
        }
        self.refresh();
        let mut judged = Vec::new();
        match self.step(&mut judged) {
            Ok(()) if judged.is_empty() => Wait::ForEvents(TICK),
            Ok(()) => {
                self.board.publish(&mut judged, self.window.len());
                Wait::No
            }
            Err(error) => self.stall(&mut judged, &error),
        }
    }

    fn rest(&self, rest: Wait) {
        match rest {
            Wait::ForEvents(time) => self.wait(time),
            Wait::ForStop(time) => self.stop.wait(time),
            Wait::No | Wait::Ended => {}
        }
    }

    fn is_called(&self, rest: Wait) -> bool {
        match rest {
            Wait::ForEvents(_) => self.log.synced().position > self.reader.position(),
            Wait::ForStop(_) => self.stop.is_given(),
            Wait::No => true,
            Wait::Ended => false,
        }
    }
}

impl Scanner {
    fn refresh(&mut self) {
        // Each time: a full journal may wait for nothing else.
        self.progress.release(&self.log, &self.board);
        let now = self.clock.steady();
        if self.refreshed.is_none_or(|at| now.saturating_duration_since(at) >= REFRESH) {
            self.refreshed = Some(now);
            self.rebuild.at(self.reader.position());
            self.metrics.window(&self.window);
            self.progress.show(&self.log);
        }
    }

    /// Waits for something to scan, and then for what comes right behind it.
    ///
    /// A closed journal no longer waits with us; it may be closed for a while before delivery is told to end.
    fn wait(&self, time: Duration) {
        let begun = Instant::now();
        let synced = self.log.wait_beyond(self.reader.position(), time);
        if synced.position > self.reader.position() {
            self.stop.wait(GATHER);
        } else if begun.elapsed() < PAUSE {
            thread::park_timeout(PAUSE);
        }
    }

    fn step(&mut self, judged: &mut Vec<Judged>) -> Result<(), ScanError> {
        let mut bytes = 0;
        let history = self.clock.now().saturating_sub(HISTORY);
        while judged.len() < MOST_EVENTS && bytes < MOST_BYTES {
            let Some(frame) = self.reader.next()? else { break };
            bytes += frame.payload.len();
            // Of what an earlier process has counted, and nobody looks back on, only the window needs to know.
            let is_past =
                frame.position <= self.counted_after && frame.time < history && self.choice.is_none();
            let fingerprint = if is_past { self.scan.fingerprint(&frame)? } else { None };
            judged.push(if let Some(fingerprint) = fingerprint {
                let duplicate = self.window.observe(fingerprint, frame.time) == Verdict::Duplicate;
                Judged { position: frame.position, event: None, duplicate }
            } else {
                let event = self.scan.read(&frame)?;
                self.judge(event)
            });
        }
        Ok(())
    }

    fn judge(&mut self, event: Scanned) -> Judged {
        let counted = event.position > self.counted_after;
        let is_taken = self.choice.as_ref().is_none_or(|choice| choice.takes(&event, &self.plan));
        let verdict = match &event.content {
            _ if !is_taken => None,
            Content::Event(content) => content.fingerprint.map(|f| self.window.observe(f, event.time)),
            Content::DeadLetter { .. } => None,
        };
        if counted {
            self.metrics.count(&event.content, verdict);
        }
        let (position, duplicate) = (event.position, verdict == Some(Verdict::Duplicate));
        Judged { position, event: Some(Arc::new(event)), duplicate }
    }

    /// What was judged before the fault stays judged; then the reader starts anew behind it.
    fn stall(&mut self, judged: &mut Vec<Judged>, error: &ScanError) -> Wait {
        let message = error.to_string();
        self.board.publish(judged, self.window.len());
        self.reader = self.log.read_after(self.board.scanned());
        if self.board.error().as_ref() != Some(&message) {
            tracing::error!(error = %message, "the scanner can't go on: nothing behind this position is delivered");
        }
        self.board.stall(message);
        Wait::ForStop(TICK)
    }
}
