//! A real journal and real delivery around destinations in memory.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use kalends_delivery::{
    Clock, Delivery, DeliveryContext, ForgetList, Metrics, Selection, Settings, SinkLocks, SinkSettings,
    SinkStatus, Start, Stopped, Topics, privacy,
};
use kalends_journal::{ShardId, SinkNotes, StateStore};
use kalends_journal_local::{Journal, StateDirectory};
use kalends_normalise::{Plan, TimeUnit};
use kalends_receipt::Envelope;
use kalends_trace::Tracer;
use tempfile::TempDir;

use crate::memory_sink::Memory;

/// A directory with a journal.
pub(crate) struct World {
    pub(crate) directory: TempDir,
    pub(crate) window: Duration,
    pub(crate) unit: TimeUnit,
    /// What the clock shows, in microseconds since the Unix epoch.
    pub(crate) now: Arc<AtomicI64>,
    /// Seconds that have passed beside those that really have.
    pub(crate) passed: Arc<AtomicU64>,
}

/// A journal that is open, with what delivers from it.
pub(crate) struct Running {
    pub(crate) journal: Journal,
    pub(crate) basis: DeliveryContext,
    pub(crate) delivery: Delivery,
    pub(crate) registry: prometheus::Registry,
}

impl World {
    /// Where delivery keeps its notes.
    pub(crate) fn state(&self) -> Arc<dyn StateStore> {
        Arc::new(StateDirectory::new(self.directory.path().join("journal/sinks")))
    }

    /// The notes of the sink in memory.
    pub(crate) fn notes(&self) -> SinkNotes {
        SinkNotes::new(self.state(), "memory", ShardId::FIRST)
    }

    pub(crate) fn new() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            window: Duration::from_hours(1),
            unit: TimeUnit::Millis,
            now: Arc::new(AtomicI64::new(1)),
            passed: Arc::default(),
        }
    }

    /// Lets so much time pass, for waits and what falls due.
    pub(crate) fn pass(&self, time: Duration) {
        self.passed.fetch_add(time.as_secs(), Ordering::Relaxed);
    }

    pub(crate) fn journal(&self) -> Journal {
        let settings = kalends_journal_local::Settings {
            retain: self.window,
            ..kalends_journal_local::Settings::new(self.directory.path().join("journal"))
        };
        Journal::open(settings, kalends_journal_local::Metrics::default()).unwrap()
    }

    pub(crate) fn run(&self, sinks: Vec<SinkSettings>) -> Running {
        self.run_over(self.journal(), sinks)
    }

    pub(crate) fn run_over(&self, journal: Journal, sinks: Vec<SinkSettings>) -> Running {
        let registry = prometheus::Registry::new();
        let settings = Settings {
            window: self.window,
            state: Some(self.state()),
            forget_list: Some(ForgetList::of(&self.directory.path().join("journal"))),
            counted_after: None,
            configuration: Some("k.yaml".into()),
            tracer: Tracer::default(),
        };
        let plan = Arc::new(Plan::builtin(self.unit).unwrap());
        let metrics = Metrics::register(&registry).unwrap();
        let now = Arc::clone(&self.now);
        let passed = Arc::clone(&self.passed);
        let clock = Clock::new(move || now.load(Ordering::Relaxed))
            .with_steady(move || Instant::now() + Duration::from_secs(passed.load(Ordering::Relaxed)));
        let basis = DeliveryContext {
            log: journal.log(),
            plan,
            settings,
            clock,
            metrics,
            sink_locks: SinkLocks::default(),
        };
        let delivery = Delivery::start(basis.clone(), sinks).unwrap();
        Running { journal, basis, delivery, registry }
    }
}

/// A sink named `name` that delivers to `memory`.
pub(crate) fn sink(name: &str, memory: &Memory) -> SinkSettings {
    SinkSettings {
        name: name.to_owned(),
        sink: memory.sink(),
        required: true,
        start: Start::Earliest,
        selection: Selection::All,
        topics: Topics::default(),
        strip_nul: false,
        privacy: privacy::Rules::default(),
    }
}

/// Stores bodies as ingress would.
pub(crate) fn append(journal: &Journal, bodies: impl IntoIterator<Item = String>) {
    append_at(1, journal, bodies);
}

/// Stores bodies that are received at `time`, in microseconds since the Unix epoch.
pub(crate) fn append_at(time: i64, journal: &Journal, bodies: impl IntoIterator<Item = String>) {
    append_received(time, time, journal, bodies);
}

/// Stores bodies at one journal time that were received at another.
pub(crate) fn append_received(
    received_at: i64,
    time: i64,
    journal: &Journal,
    bodies: impl IntoIterator<Item = String>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for body in bodies {
        let mut receipt = Vec::new();
        let envelope = Envelope { endpoint: "main", received_at, traceparent: None, tracestate: None };
        envelope.write_head(&mut receipt);
        receipt.extend_from_slice(body.as_bytes());
        runtime.block_on(journal.appender().append(time, Bytes::from(receipt))).unwrap();
    }
}

/// The body of a Subscribe event.
pub(crate) fn subscribe(id: impl std::fmt::Display) -> String {
    format!(
        r#"{{"eventId":"{id}","eventType":"Subscribe","eventDetails":{{"subscription":{{"calendarSubscriptionId":"s-{id}"}}}}}}"#
    )
}

/// Waits until `condition` holds; panics after 20 s.
pub(crate) fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !condition() {
        assert!(Instant::now() < deadline, "not in time: {what}");
        std::thread::park_timeout(Duration::from_millis(2));
    }
}

impl Running {
    pub(crate) fn sink(&self, name: &str) -> SinkStatus {
        self.delivery.status().sinks.into_iter().find(|sink| sink.name == name).unwrap()
    }

    /// Changes the sinks as a reload does, and tells how the delivery before this one ended.
    pub(crate) fn change(self, sinks: Vec<SinkSettings>) -> (Self, Stopped) {
        let Self { journal, basis, delivery, registry } = self;
        let stopped = delivery.stop_at_once();
        let settings = Settings { counted_after: Some(stopped.scanned_position), ..basis.settings.clone() };
        let delivery = Delivery::start(DeliveryContext { settings, ..basis.clone() }, sinks).unwrap();
        (Self { journal, basis, delivery, registry }, stopped)
    }

    pub(crate) fn stop(self) {
        assert!(self.delivery.stop(Duration::from_secs(10)).in_time, "delivery ends in time");
        self.journal.close().unwrap();
    }

    /// The value of a counter or gauge, summed over its labels.
    pub(crate) fn metric(&self, name: &str) -> f64 {
        metric(&self.registry, name)
    }
}

/// The value of a counter or gauge, summed over its labels.
pub(crate) fn metric(registry: &prometheus::Registry, name: &str) -> f64 {
    let families = registry.gather();
    let family = families.iter().find(|family| family.name() == name).unwrap();
    let value = |m: &prometheus::proto::Metric| m.get_counter().get_value() + m.get_gauge().get_value();
    family.get_metric().iter().map(value).sum()
}
