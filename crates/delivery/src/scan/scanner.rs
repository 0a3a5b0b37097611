use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use kalends_journal::{FrameReader, ReadError, ShardLog};
use kalends_normalise::Plan;

use crate::{
    checkpoint::progress::Progress,
    dedup::dedup_window::{DedupWindow, Verdict},
    dedup::window_rebuild::WindowRebuild,
    health::SinkHealth,
    metrics::ScannerMetrics,
    runtime::clock::Clock,
    runtime::stop::Stop,
    runtime::task::{Task, Wait},
    scan::dead_letter_log::DeadLetterLog,
    scan::decoder::{Content, DecodedEvent, ReceiptDecoder, Unreadable},
    scan::recent_stats::HISTORY,
    scan::replay_filter::ReplayFilter,
    scan::scan_state::{Judged, ScanState},
    state::SinkState,
};

/// Bounds of what is judged before sink loops hear of it.
const MAX_EVENTS: usize = 256;
const MAX_BYTES: usize = 1 << 20;
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
    pub(crate) log: Arc<dyn ShardLog>,
    pub(crate) reader: Box<dyn FrameReader>,
    pub(crate) decoder: ReceiptDecoder,
    pub(crate) window: DedupWindow,
    pub(crate) scan_state: Arc<ScanState>,
    pub(crate) progress: Arc<Progress>,
    pub(crate) metrics: ScannerMetrics,
    /// In a replay, the events that it takes: others are no duplicates, and unless it replays in place nothing is one of theirs.
    pub(crate) replay_filter: Option<Arc<ReplayFilter>>,
    pub(crate) plan: Arc<Plan>,
    /// What stands behind this position was received by this process, and is counted.
    pub(crate) counted_after: u64,
    /// Those of the sink loops: it ends when all of them have, or when they want no more of it.
    pub(crate) sinks: Vec<Arc<SinkHealth>>,
    pub(crate) stop: Arc<Stop>,
    pub(crate) clock: Clock,
    pub(crate) refreshed: Option<Instant>,
    pub(crate) rebuild: WindowRebuild,
    pub(crate) dead_letter_log: DeadLetterLog,
}

#[derive(Debug, thiserror::Error)]
enum ScanError {
    #[error(transparent)]
    Journal(#[from] ReadError),
    #[error(transparent)]
    Receipt(#[from] Unreadable),
}

/// Tells the journal what it may let go, and forgets duplicates that everybody has passed or that the journal has let go.
pub(crate) fn release(progress: &Progress, log: &dyn ShardLog, scan_state: &ScanState) {
    if let Some(low_watermark) = progress.low_watermark(log.last_frame(), scan_state.scanned()) {
        let gone = log.first_kept().saturating_sub(1);
        scan_state.forget_duplicates_through(low_watermark.all.max(gone));
        log.set_low_watermark(low_watermark);
    }
}

impl Task for Scanner {
    fn step(&mut self) -> Wait {
        let all_ended = self.sinks.iter().all(|sink| sink.now().state == SinkState::Stopped);
        if all_ended || self.stop.is_over(self.clock.steady()) {
            return Wait::Ended;
        }
        self.refresh();
        let mut judged = Vec::new();
        match self.judge_next(&mut judged) {
            Ok(()) if judged.is_empty() => Wait::ForEvents(TICK),
            Ok(()) => {
                self.scan_state.publish(&mut judged, self.window.len());
                Wait::No
            }
            Err(error) => self.stall(&mut judged, &error),
        }
    }

    fn wait(&self, wait: Wait) {
        match wait {
            Wait::ForEvents(time) => self.wait_for_frames(time),
            Wait::ForStop(time) => self.stop.wait(time),
            Wait::No | Wait::Ended => {}
        }
    }

    fn is_ready(&self, wait: Wait) -> bool {
        match wait {
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
        release(&self.progress, &*self.log, &self.scan_state);
        let now = self.clock.steady();
        if self.refreshed.is_none_or(|at| now.saturating_duration_since(at) >= REFRESH) {
            self.refreshed = Some(now);
            self.rebuild.at(self.reader.position());
            self.metrics.window(&self.window);
            self.progress.show(&*self.log);
        }
    }

    /// Waits for something to scan, and then for what comes right behind it.
    ///
    /// A closed journal no longer waits with us; it may be closed for a while before delivery is told to end.
    fn wait_for_frames(&self, time: Duration) {
        let begun = Instant::now();
        let synced = self.log.wait_beyond(self.reader.position(), time);
        if synced.position > self.reader.position() {
            self.stop.wait(GATHER);
        } else if begun.elapsed() < PAUSE {
            thread::park_timeout(PAUSE);
        }
    }

    fn judge_next(&mut self, judged: &mut Vec<Judged>) -> Result<(), ScanError> {
        let mut bytes = 0;
        let history = self.clock.now().saturating_sub(HISTORY);
        while judged.len() < MAX_EVENTS && bytes < MAX_BYTES {
            let Some(frame) = self.reader.next()? else { break };
            bytes += frame.payload.len();
            // Of what an earlier process has counted, and nobody looks back on, only the window needs to know.
            let is_past =
                frame.position <= self.counted_after && frame.time < history && self.replay_filter.is_none();
            let fingerprint = if is_past { self.decoder.fingerprint(&frame)? } else { None };
            judged.push(if let Some(fingerprint) = fingerprint {
                let duplicate = self.window.observe(fingerprint, frame.time) == Verdict::Duplicate;
                Judged { position: frame.position, event: None, duplicate }
            } else {
                let event = self.decoder.decode(&frame)?;
                self.judge(event)
            });
        }
        Ok(())
    }

    fn judge(&mut self, event: DecodedEvent) -> Judged {
        let counted = event.position > self.counted_after;
        let is_taken =
            self.replay_filter.as_ref().is_none_or(|replay_filter| replay_filter.takes(&event, &self.plan));
        let in_place = self.replay_filter.as_ref().is_some_and(|replay_filter| replay_filter.in_place);
        let verdict = match &event.content {
            _ if !is_taken && !in_place => None,
            Content::Event(content) => content.fingerprint.map(|f| self.window.observe(f, event.time)),
            Content::DeadLetter { .. } => None,
        };
        if counted {
            match &event.content {
                Content::Event(content) => self.metrics.event(content),
                Content::DeadLetter { letter, .. } => {
                    self.metrics.dead_letter(letter.reason);
                    let (reason, now) = (letter.reason.as_str(), self.clock.steady());
                    self.dead_letter_log.add(&event, reason, &letter.message, now);
                }
            }
            self.metrics.verdict(verdict.filter(|_| is_taken));
        }
        let (position, duplicate) = (event.position, verdict == Some(Verdict::Duplicate));
        Judged { position, event: Some(Arc::new(event)), duplicate }
    }

    /// What was judged before the fault stays judged; then the reader starts anew behind it.
    fn stall(&mut self, judged: &mut Vec<Judged>, error: &ScanError) -> Wait {
        let message = error.to_string();
        self.scan_state.publish(judged, self.window.len());
        self.reader = self.log.read_after(self.scan_state.scanned());
        if self.scan_state.error().as_ref() != Some(&message) {
            tracing::error!(error = %message, "the scanner can't go on: nothing behind this position is delivered");
        }
        self.scan_state.stall(message);
        Wait::ForStop(TICK)
    }
}
