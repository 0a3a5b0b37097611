use std::sync::Arc;

use kalends_journal::{ShardId, ShardLog};
use kalends_normalise::Plan;

use crate::{
    Clock, DeliveryContext, Metrics, ReplayFilter, Settings, SinkSettings, Start,
    checkpoint::checkpoint_note::CheckpointNote,
    checkpoint::progress::{Delivered, Progress},
    checkpoint::put_back::{PutBack, PutBackNote},
    dedup::dedup_window::DedupWindow,
    dedup::window_rebuild::WindowRebuild,
    encode::encoder::Encoder,
    encode::rejected::RejectedRecords,
    encode::routes::Routes,
    forget::ForgetWatch,
    handle::DeliveryHandle,
    health::SinkHealth,
    journal_ids::JournalIds,
    operator::command::CommandFile,
    operator::dead_letter_index::DeadLetterIndex,
    operator::refusal_count::RefusalCount,
    privacy::{Fault, Policies},
    runtime::stop::Stop,
    runtime::task::Task,
    scan::dead_letter_log::DeadLetterLog,
    scan::decoder::ReceiptDecoder,
    scan::scan_state::ScanState,
    scan::scanner::{Scanner, release},
    sink_loop::backoff::Backoff,
    sink_loop::halving::Halving,
    sink_loop::source::EventSource,
    sink_loop::spans::Spans,
    sink_loop::stall::Stall,
    sink_loop::{Phase, SinkLoop},
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

/// Sinks whose rules can be followed: nothing about them can fail any more before they connect.
pub struct CheckedSinks(Vec<(SinkSettings, Policies)>);

/// Delivery put together: its tasks, of which none has run a step yet, and what is seen of them from outside.
pub struct DeliveryTasks {
    /// The loops of the sinks, in the configuration's order, then the scanner, and what to call their threads.
    pub tasks: Vec<(String, Box<dyn Task>)>,
    /// What is seen of them, and the signal that ends them.
    pub handle: DeliveryHandle,
}

/// What every sink loop is made from.
struct Builder {
    log: Arc<dyn ShardLog>,
    journal_ids: Arc<JournalIds>,
    plan: Arc<Plan>,
    settings: Settings,
    clock: Clock,
    metrics: Metrics,
    scan_state: Arc<ScanState>,
    progress: Arc<Progress>,
    stop: Arc<Stop>,
    replay_filter: Option<Arc<ReplayFilter>>,
}

impl CheckedSinks {
    /// Checks every sink's rules about personal data against the schemas of `plan`.
    ///
    /// # Errors
    /// [`PrivacyError`] for the first sink whose rules can't be followed.
    pub fn new(plan: &Plan, sinks: Vec<SinkSettings>) -> Result<Self, PrivacyError> {
        let checked = sinks.into_iter().map(|sink| match Policies::compile(&sink.privacy, plan) {
            Ok(policies) => Ok((sink, policies)),
            Err(source) => Err(PrivacyError { sink: sink.name, source }),
        });
        checked.collect::<Result<_, _>>().map(Self)
    }

    /// The sinks' names, in the configuration's order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(sink, _)| sink.name.as_str())
    }
}

/// What the thread of a sink's loop is called.
pub(crate) fn sink_thread(sink: &str) -> String {
    format!("sink-{sink}")
}

/// What the scanner's thread is called.
pub(crate) const SCANNER_THREAD: &str = "scanner";

impl DeliveryTasks {
    /// The scanner, at the journal's oldest kept receipt, and a loop for each sink.
    #[must_use]
    pub fn new(context: DeliveryContext, sinks: CheckedSinks) -> Self {
        let after = context.log.first_kept().saturating_sub(1);
        Self::build(after, None, context, sinks)
    }

    /// A replay: the same for one sink, which is given only what `replay_filter` takes of the positions behind `after`, where its destination begins. What
    /// repeats an event that it takes is passed over; what was delivered before doesn't count.
    ///
    /// # Errors
    /// [`PrivacyError`] when the sink's rules can't be followed.
    pub fn replay(
        context: DeliveryContext,
        sink: SinkSettings,
        replay_filter: ReplayFilter,
        after: u64,
    ) -> Result<Self, PrivacyError> {
        let sink = SinkSettings { start: Start::Behind(after), ..sink };
        let sinks = CheckedSinks::new(&context.plan, vec![sink])?;
        Ok(Self::build(after, Some(Arc::new(replay_filter)), context, sinks))
    }

    fn build(
        after: u64,
        replay_filter: Option<Arc<ReplayFilter>>,
        context: DeliveryContext,
        CheckedSinks(sinks): CheckedSinks,
    ) -> Self {
        let DeliveryContext { log, plan, settings, clock, metrics, sink_locks: _ } = context;
        let delivered =
            sinks.iter().map(|(sink, _)| delivered(sink, log.shard(), &settings, &metrics)).collect();
        let builder = Builder {
            scan_state: Arc::new(ScanState::starting_at(after)),
            progress: Arc::new(Progress::new(clock.clone(), noted_put_back(&*log, &settings), delivered)),
            stop: Arc::default(),
            journal_ids: Arc::new(JournalIds::of(&*log)),
            log,
            plan,
            settings,
            clock,
            metrics,
            replay_filter,
        };
        // So that a journal that is full from the start knows what it waits for.
        release(&builder.progress, &*builder.log, &builder.scan_state);
        let (mut tasks, mut sinks_health) = (Vec::<(String, Box<dyn Task>)>::new(), Vec::new());
        for (index, (sink, policies)) in sinks.into_iter().enumerate() {
            let name = sink.name.clone();
            let sink_loop = builder.sink_loop(index, sink, policies);
            sinks_health.push((name.clone(), Arc::clone(&sink_loop.health)));
            tasks.push((sink_thread(&name), Box::new(sink_loop)));
        }
        let sinks = sinks_health.iter().map(|(_, health)| Arc::clone(health)).collect();
        tasks.push((SCANNER_THREAD.to_owned(), Box::new(builder.scanner(sinks))));
        let Builder { log, plan, scan_state, progress, stop, clock, settings, .. } = builder;
        let state = settings.state;
        let handle = DeliveryHandle { log, plan, scan_state, progress, sinks_health, stop, clock, state };
        Self { tasks, handle }
    }
}

impl Builder {
    fn sink_loop(&self, index: usize, sink: SinkSettings, policies: Policies) -> SinkLoop {
        let journal_ids = Arc::clone(&self.journal_ids);
        let metrics = self.metrics.sink(&sink.name);
        let routes = Routes::new(&self.plan, &sink.selection, &sink.topics);
        let (shard, state) = (self.log.shard(), self.settings.state.as_ref());
        let notes = self.settings.notes(&sink.name, shard);
        let notes = notes.as_ref();
        let checkpoint_note = CheckpointNote::new(notes);
        SinkLoop {
            index,
            topics: routes.record_names(),
            routes,
            unconfirmed_since: checkpoint_note.begin(self.log.synced().position),
            put_back: PutBackNote::new(state, shard),
            checkpoint_note,
            standing: None,
            note_fails: false,
            refusals: RefusalCount::new(notes),
            dead_letters: DeadLetterIndex::new(notes),
            replay_filter: self.replay_filter.clone(),
            plan: Arc::clone(&self.plan),
            commands: notes.map(CommandFile::new),
            deferred: None,
            polled_at: self.clock.steady(),
            retry_at: self.clock.steady(),
            spans: Spans::new(self.settings.tracer.clone(), &sink.name, self.clock.clone()),
            health: Arc::new(SinkHealth::new(
                sink.name,
                self.settings.configuration.clone(),
                self.clock.clone(),
                metrics.clone(),
            )),
            sink: sink.sink,
            required: sink.required,
            start: sink.start,
            log: self.log.clone(),
            scan_state: Arc::clone(&self.scan_state),
            source: EventSource::new(
                self.log.clone(),
                Arc::clone(&self.scan_state),
                Arc::clone(&self.plan),
                Arc::clone(&journal_ids),
            ),
            encoder: Encoder::new(Arc::clone(&self.plan), journal_ids, policies, sink.strip_nul),
            forgotten: ForgetWatch::new(self.settings.forget_list.clone(), notes),
            rejected: RejectedRecords::default(),
            halving: Halving::default(),
            stall: Stall::default(),
            progress: Arc::clone(&self.progress),
            metrics,
            stop: Arc::clone(&self.stop),
            backoff: Backoff::default(),
            unproven: false,
            clock: self.clock.clone(),
            phase: Phase::Connecting,
        }
    }

    fn scanner(&self, sinks: Vec<Arc<SinkHealth>>) -> Scanner {
        Scanner {
            reader: self.log.read_after(self.scan_state.scanned()),
            decoder: ReceiptDecoder::new(Arc::clone(&self.plan), Arc::clone(&self.journal_ids)),
            window: DedupWindow::new(self.settings.window),
            scan_state: Arc::clone(&self.scan_state),
            progress: Arc::clone(&self.progress),
            metrics: self.metrics.scanner(&self.plan),
            replay_filter: self.replay_filter.clone(),
            plan: Arc::clone(&self.plan),
            counted_after: self.settings.counted_after.unwrap_or_else(|| self.log.synced().position),
            sinks,
            stop: Arc::clone(&self.stop),
            clock: self.clock.clone(),
            refreshed: None,
            dead_letter_log: DeadLetterLog::default(),
            rebuild: WindowRebuild::new(self.scan_state.scanned(), self.log.synced().position),
            log: self.log.clone(),
        }
    }
}

/// What was noted of an older copy of the journal. A note that can't be read holds the sinks as well: nobody knows what it says.
fn noted_put_back(log: &dyn ShardLog, settings: &Settings) -> Option<PutBack> {
    let journal = log.id();
    PutBackNote::new(settings.state.as_ref(), log.shard()).read(journal).unwrap_or_else(|error| {
        tracing::error!(%error, "the note that an older copy of the journal was put back can't be read");
        Some(PutBack { journal, last_position: 0, sink: String::new(), delivered_position: 0 })
    })
}

fn delivered(sink: &SinkSettings, shard: ShardId, settings: &Settings, metrics: &Metrics) -> Delivered {
    let checkpoint_note = CheckpointNote::new(settings.notes(&sink.name, shard).as_ref());
    Delivered {
        required: sink.required,
        confirmed: false,
        // A note that can't be read is a hold of this sink, later, and nothing to anybody else.
        position: checkpoint_note.read().ok().flatten().map_or(0, |note| note.checkpoint.position),
        goes_back: None,
        time: None,
        oldest_undelivered: None,
        stuck_at: None,
        forgotten: (0, 0),
        metrics: metrics.sink(&sink.name),
    }
}
