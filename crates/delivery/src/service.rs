use std::{
    io,
    sync::{Arc, mpsc},
    thread,
    time::{Duration, Instant},
};

use kalends_journal::Log;
use kalends_normalise::Plan;
use kalends_sink::JournalId;

use crate::{
    Clock, Metrics, ScannerStatus, Settings, SinkSettings, SinkStatus, Status, Stopped,
    backoff::Backoff,
    board::Board,
    condemned::Condemned,
    condition::Condition,
    encoder::Encoder,
    feed::Feed,
    privacy::{Fault, Policy},
    progress::{Delivered, Progress},
    routes::Routes,
    scan::Scan,
    scanner::Scanner,
    sink_loop::SinkLoop,
    stop::{Order, Stop},
    window::Window,
    witness::Witness,
};

/// Delivery could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A thread could not be made.
    #[error("can't start a thread: {0}")]
    Thread(#[source] io::Error),
    /// A sink's rules about personal data can't be followed.
    #[error("sink {sink}: {source}")]
    Privacy {
        /// Its name in the configuration.
        sink: String,
        /// Which rule, and why.
        source: Fault,
    },
}

/// Running delivery: the scanner's thread and one thread per sink.
pub struct Delivery {
    log: Log,
    board: Arc<Board>,
    progress: Arc<Progress>,
    conditions: Vec<(String, Arc<Condition>)>,
    stop: Arc<Stop>,
    ended: mpsc::Receiver<()>,
    sink_threads: usize,
}

/// What every sink loop is made from.
struct Parts {
    log: Log,
    plan: Arc<Plan>,
    settings: Settings,
    clock: Clock,
    metrics: Metrics,
    board: Arc<Board>,
    progress: Arc<Progress>,
    stop: Arc<Stop>,
}

impl Delivery {
    /// Starts the scanner at the journal's oldest kept receipt, and a loop for each sink.
    ///
    /// # Errors
    /// [`StartError`] when a thread can't be made or a sink's rules can't be followed.
    pub fn start(
        log: Log,
        plan: Arc<Plan>,
        sinks: Vec<SinkSettings>,
        settings: Settings,
        clock: Clock,
        metrics: Metrics,
    ) -> Result<Self, StartError> {
        let delivered = sinks.iter().map(|sink| delivered(sink, &settings, &metrics)).collect();
        let policies = sinks.iter().map(|sink| policy(sink, &plan)).collect::<Result<Vec<_>, _>>()?;
        let parts = Parts {
            board: Arc::new(Board::starting_at(log.first_kept().saturating_sub(1))),
            progress: Arc::new(Progress::new(clock.clone(), delivered)),
            stop: Arc::default(),
            log,
            plan,
            settings,
            clock,
            metrics,
        };
        let (end, ended) = mpsc::sync_channel(sinks.len() + 1);
        let mut conditions = Vec::new();
        let sink_threads = sinks.len();
        for (index, (sink, policy)) in sinks.into_iter().zip(policies).enumerate() {
            let name = sink.name.clone();
            let sink_loop = parts.sink_loop(index, sink, policy);
            conditions.push((name.clone(), Arc::clone(&sink_loop.condition)));
            spawn(format!("sink-{name}"), end.clone(), move || sink_loop.run())?;
        }
        let (scanner, loops) =
            (parts.scanner(), conditions.iter().map(|(_, c)| Arc::clone(c)).collect::<Vec<_>>());
        let all_ended = move || loops.iter().all(|c| c.now().state == crate::SinkState::Stopped);
        spawn("scanner".to_owned(), end, move || scanner.run(all_ended))?;
        let Parts { log, board, progress, stop, .. } = parts;
        Ok(Self { log, board, progress, conditions, stop, ended, sink_threads })
    }

    /// Delivery at this moment.
    #[must_use]
    pub fn status(&self) -> Status {
        let synced_position = self.log.synced().position;
        let scanner = ScannerStatus {
            synced_position,
            scanned_position: self.board.scanned(),
            window_fingerprints: self.board.remembered(),
            error: self.board.error(),
        };
        let kept = self.log.first_kept().saturating_sub(1);
        let sink = |(index, (name, condition)): (usize, &(String, Arc<Condition>))| {
            let (delivered, now) = (self.progress.of(index)?, condition.now());
            Some(SinkStatus {
                name: name.clone(),
                required: delivered.required,
                state: now.state,
                since: now.since,
                position: delivered.position,
                lag_events: synced_position.saturating_sub(delivered.position.max(kept)),
                oldest_undelivered: delivered.oldest_undelivered,
                last_error: now.last_error,
                last_error_at: now.last_error_at,
            })
        };
        Status { scanner, sinks: self.conditions.iter().enumerate().filter_map(sink).collect() }
    }

    /// Ends delivery: sink loops deliver what the journal holds now for at most half of `patience`, then commit and end.
    /// Whatever is left waits in the journal. A sink that does not end within `patience` is left behind.
    #[must_use = "tells what is left in the journal"]
    pub fn stop(self, patience: Duration) -> Stopped {
        let begun = Instant::now();
        self.stop.give(Order { target: self.log.synced().position, drain_until: begun + patience / 2 });
        self.board.wake();
        let in_time = (0..self.sink_threads).all(|_| {
            let left = patience.saturating_sub(begun.elapsed());
            self.ended.recv_timeout(left).is_ok()
        }) && {
            self.log.wake();
            self.ended
                .recv_timeout(patience.saturating_sub(begun.elapsed()).max(Duration::from_secs(1)))
                .is_ok()
        };
        Stopped { in_time, scanned_position: self.board.scanned(), sinks: self.status().sinks }
    }
}

impl Parts {
    fn sink_loop(&self, index: usize, sink: SinkSettings, policy: Option<Policy>) -> SinkLoop {
        let journal_id = JournalId::new(self.log.id()).to_string();
        let metrics = self.metrics.sink(&sink.name);
        let routes = Routes::new(&self.plan, &sink.selection, &sink.topics);
        SinkLoop {
            index,
            topics: routes.record_names(),
            routes,
            witness: Witness::new(&self.settings.state_directory, &sink.name),
            condition: Arc::new(Condition::new(sink.name, self.clock.clone(), metrics.clone())),
            sink: sink.sink,
            required: sink.required,
            start: sink.start,
            log: self.log.clone(),
            board: Arc::clone(&self.board),
            feed: Feed::new(
                self.log.clone(),
                Arc::clone(&self.board),
                Arc::clone(&self.plan),
                journal_id.clone(),
            ),
            encoder: Encoder::new(Arc::clone(&self.plan), journal_id, policy),
            condemned: Condemned::default(),
            progress: Arc::clone(&self.progress),
            metrics,
            stop: Arc::clone(&self.stop),
            backoff: Backoff::default(),
            shaky: false,
        }
    }

    fn scanner(&self) -> Scanner {
        let journal_id = JournalId::new(self.log.id()).to_string();
        Scanner {
            reader: self.log.read_after(self.board.scanned()),
            scan: Scan::new(Arc::clone(&self.plan), journal_id),
            window: Window::new(self.settings.window),
            board: Arc::clone(&self.board),
            progress: Arc::clone(&self.progress),
            metrics: self.metrics.scanner(&self.plan),
            counted_after: self.settings.counted_after.unwrap_or_else(|| self.log.synced().position),
            stop: Arc::clone(&self.stop),
            log: self.log.clone(),
        }
    }
}

fn policy(sink: &SinkSettings, plan: &Plan) -> Result<Option<Policy>, StartError> {
    let privacy = |source| StartError::Privacy { sink: sink.name.clone(), source };
    Policy::compile(&sink.privacy, plan).map_err(privacy)
}

fn delivered(sink: &SinkSettings, settings: &Settings, metrics: &Metrics) -> Delivered {
    let witness = Witness::new(&settings.state_directory, &sink.name);
    Delivered {
        required: sink.required,
        confirmed: false,
        // A note that can't be read is a hold of this sink, later, and nothing to anybody else.
        position: witness.read().ok().flatten().map_or(0, |note| note.checkpoint.position),
        time: None,
        oldest_undelivered: None,
        metrics: metrics.sink(&sink.name),
    }
}

/// Runs `body` on a thread that says on `end` when it has ended.
fn spawn(
    name: String,
    end: mpsc::SyncSender<()>,
    body: impl FnOnce() + Send + 'static,
) -> Result<(), StartError> {
    let run = move || {
        body();
        if end.send(()).is_err() {
            tracing::debug!("nobody waited for this thread to end");
        }
    };
    thread::Builder::new().name(name).spawn(run).map(drop).map_err(StartError::Thread)
}
