use std::sync::Arc;

use kalends_journal::JournalReader;
use kalends_normalise::Plan;
use kalends_sink::JournalId;

use crate::{
    Clock, DeliveryContext, Metrics, ReplayFilter, Settings, SinkSettings,
    backoff::Backoff,
    board::Board,
    condemned::Condemned,
    condition::Condition,
    encoder::Encoder,
    feed::Feed,
    letters::Letters,
    order::CommandFile,
    overview::DeliveryHandle,
    privacy::{Fault, Policy},
    progress::{Delivered, Progress},
    rebuild::Rebuild,
    routes::Routes,
    scan::Scan,
    scanner::Scanner,
    sink_loop::{Phase, SinkLoop},
    spans::Spans,
    stop::Stop,
    window::Window,
    witness::Witness,
    worker::Task,
};

/// A sink's rules about personal data can't be followed.
#[derive(Debug, thiserror::Error)]
#[error("sink {sink}: {source}")]
pub struct PrivacyError {
    /// The sink's name in the configuration.
    pub sink: String,
    /// Which rule, and why.
    pub source: Fault,
}

/// Delivery put together: its workers, which nobody has given a turn yet, and what is seen of them from outside.
pub struct Assembly {
    /// The loops of the sinks, in the configuration's order, then the scanner, and what to call their threads.
    pub workers: Vec<(String, Box<dyn Task>)>,
    /// What is seen of them, and the signal that ends them.
    pub overview: DeliveryHandle,
}

/// What every sink loop is made from.
struct Parts {
    log: JournalReader,
    plan: Arc<Plan>,
    settings: Settings,
    clock: Clock,
    metrics: Metrics,
    board: Arc<Board>,
    progress: Arc<Progress>,
    stop: Arc<Stop>,
    choice: Option<Arc<ReplayFilter>>,
}

impl Assembly {
    /// The scanner, at the journal's oldest kept receipt, and a loop for each sink.
    ///
    /// # Errors
    /// [`PrivacyError`] when a sink's rules can't be followed.
    pub fn new(basis: DeliveryContext, sinks: Vec<SinkSettings>) -> Result<Self, PrivacyError> {
        let after = basis.log.first_kept().saturating_sub(1);
        Self::beginning_behind(after, None, basis, sinks)
    }

    /// A replay: the same for one sink, which is given only what `choice` takes of the positions behind `after`. What
    /// repeats an event that it takes is passed over; what was delivered before doesn't count.
    ///
    /// # Errors
    /// [`PrivacyError`] when the sink's rules can't be followed.
    pub fn replay(
        basis: DeliveryContext,
        sink: SinkSettings,
        choice: ReplayFilter,
        after: u64,
    ) -> Result<Self, PrivacyError> {
        Self::beginning_behind(after, Some(Arc::new(choice)), basis, vec![sink])
    }

    fn beginning_behind(
        after: u64,
        choice: Option<Arc<ReplayFilter>>,
        basis: DeliveryContext,
        sinks: Vec<SinkSettings>,
    ) -> Result<Self, PrivacyError> {
        let DeliveryContext { log, plan, settings, clock, metrics, seats: _ } = basis;
        let delivered = sinks.iter().map(|sink| delivered(sink, &settings, &metrics)).collect();
        let policies = sinks.iter().map(|sink| policy(sink, &plan)).collect::<Result<Vec<_>, _>>()?;
        let parts = Parts {
            board: Arc::new(Board::starting_at(after)),
            progress: Arc::new(Progress::new(clock.clone(), delivered)),
            stop: Arc::default(),
            log,
            plan,
            settings,
            clock,
            metrics,
            choice,
        };
        // So that a journal that is full from the start knows what it waits for.
        parts.progress.release(&parts.log, &parts.board);
        let (mut workers, mut conditions) = (Vec::<(String, Box<dyn Task>)>::new(), Vec::new());
        for (index, (sink, policy)) in sinks.into_iter().zip(policies).enumerate() {
            let name = sink.name.clone();
            let sink_loop = parts.sink_loop(index, sink, policy);
            conditions.push((name.clone(), Arc::clone(&sink_loop.condition)));
            workers.push((format!("sink-{name}"), Box::new(sink_loop)));
        }
        let sinks = conditions.iter().map(|(_, condition)| Arc::clone(condition)).collect();
        workers.push(("scanner".to_owned(), Box::new(parts.scanner(sinks))));
        let Parts { log, plan, board, progress, stop, clock, .. } = parts;
        Ok(Self { workers, overview: DeliveryHandle { log, plan, board, progress, conditions, stop, clock } })
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
            witness: Witness::new(self.settings.state_directory.as_deref(), &sink.name),
            letters: Letters::new(self.settings.state_directory.as_deref(), &sink.name),
            choice: self.choice.clone(),
            plan: Arc::clone(&self.plan),
            orders: self.settings.state_directory.as_deref().map(|notes| CommandFile::new(notes, &sink.name)),
            deferred: None,
            looked: self.clock.steady(),
            again_at: self.clock.steady(),
            spans: Spans::new(self.settings.tracer.clone(), &sink.name, self.clock.clone()),
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
            encoder: Encoder::new(Arc::clone(&self.plan), journal_id, policy, sink.strip_nul),
            condemned: Condemned::default(),
            progress: Arc::clone(&self.progress),
            metrics,
            stop: Arc::clone(&self.stop),
            backoff: Backoff::default(),
            shaky: false,
            clock: self.clock.clone(),
            phase: Phase::Connecting,
        }
    }

    fn scanner(&self, sinks: Vec<Arc<Condition>>) -> Scanner {
        let journal_id = JournalId::new(self.log.id()).to_string();
        Scanner {
            reader: self.log.read_after(self.board.scanned()),
            scan: Scan::new(Arc::clone(&self.plan), journal_id),
            window: Window::new(self.settings.window),
            board: Arc::clone(&self.board),
            progress: Arc::clone(&self.progress),
            metrics: self.metrics.scanner(&self.plan),
            choice: self.choice.clone(),
            plan: Arc::clone(&self.plan),
            counted_after: self.settings.counted_after.unwrap_or_else(|| self.log.synced().position),
            sinks,
            stop: Arc::clone(&self.stop),
            clock: self.clock.clone(),
            refreshed: None,
            rebuild: Rebuild::new(self.board.scanned(), self.log.synced().position),
            log: self.log.clone(),
        }
    }
}

fn policy(sink: &SinkSettings, plan: &Plan) -> Result<Option<Policy>, PrivacyError> {
    let privacy = |source| PrivacyError { sink: sink.name.clone(), source };
    Policy::compile(&sink.privacy, plan).map_err(privacy)
}

fn delivered(sink: &SinkSettings, settings: &Settings, metrics: &Metrics) -> Delivered {
    let witness = Witness::new(settings.state_directory.as_deref(), &sink.name);
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
