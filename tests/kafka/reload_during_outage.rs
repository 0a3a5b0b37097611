//! Sinks that change while a client waits for its broker, with so much patience that nobody could wait for it.

use std::{
    net::TcpListener,
    path::PathBuf,
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use bytes::Bytes;
use kalends_delivery::{
    Clock, Delivery, DeliveryContext, Metrics, Selection, Settings, SinkLocks, SinkSettings, SinkState,
    Start, Topics, privacy,
};
use kalends_journal_local::{Journal, StateDirectory};
use kalends_normalise::{Plan, TimeUnit};
use kalends_receipt::Envelope;
use kalends_sink::Sink;
use kalends_sink_files::{Codec, FileSink};
use kalends_tests::{
    event,
    files::records_under,
    kafka::Broker,
    wait::{PATIENCE, wait_until},
};
use kalends_trace::Tracer;
use tempfile::TempDir;

use crate::fixture::{RECEIVED_AT, sink};

const TOPIC: &str = "rokt.calendar.subscribe";

/// A journal whose events go to files and to Kafka.
struct World {
    directory: TempDir,
    journal: Journal,
    basis: DeliveryContext,
    brokers: String,
}

impl World {
    fn new(brokers: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let settings = kalends_journal_local::Settings {
            min_free_bytes: 0,
            ..kalends_journal_local::Settings::new(directory.path().join("journal"))
        };
        let journal = Journal::open(settings, kalends_journal_local::Metrics::default()).unwrap();
        let basis = DeliveryContext {
            log: journal.log(),
            plan: Arc::new(Plan::builtin(TimeUnit::Millis).unwrap()),
            settings: Settings {
                window: Duration::from_hours(1),
                state: Some(Arc::new(StateDirectory::new(directory.path().join("sinks")))),
                forget_list: None,
                counted_after: None,
                configuration: None,
                tracer: Tracer::default(),
            },
            clock: Clock::new(|| RECEIVED_AT),
            metrics: Metrics::register(&prometheus::Registry::new()).unwrap(),
            sink_locks: SinkLocks::default(),
        };
        Self { directory, journal, basis, brokers: brokers.to_owned() }
    }

    fn receive(&self, id: &str) {
        let mut receipt = Vec::new();
        let (endpoint, received_at) = ("main", RECEIVED_AT);
        let envelope = Envelope { endpoint, received_at, traceparent: None, tracestate: None };
        envelope.write_head(&mut receipt);
        receipt.extend_from_slice(event::webhook(id, 0).as_bytes());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(self.journal.appender().append(RECEIVED_AT, Bytes::from(receipt))).unwrap();
    }

    fn start(&self) -> Delivery {
        let mut kafka = kalends_sink_kafka::Settings::new("kafka", &self.brokers);
        kafka.request_timeout = Duration::from_hours(1);
        kafka.transaction_timeout = Duration::from_mins(15);
        let files = kalends_sink_files::Settings {
            directory: self.files(),
            roll_every: Duration::from_millis(1),
            roll_bytes: 1 << 20,
            codec: Codec::Null,
        };
        let sinks =
            vec![settings("files", Box::new(FileSink::new(files))), settings("kafka", Box::new(sink(kafka)))];
        Delivery::start(self.basis.clone(), sinks).unwrap()
    }

    /// As a reload does.
    fn change(&self, delivery: Delivery) -> Delivery {
        let (tell, told) = mpsc::sync_channel(1);
        thread::spawn(move || tell.send(delivery.stop_at_once()));
        told.recv_timeout(PATIENCE).unwrap();
        self.start()
    }

    fn files(&self) -> PathBuf {
        self.directory.path().join("events")
    }

    fn wait_until_filed(&self, ids: &[&str]) {
        wait_until("the events to be in files", PATIENCE, || {
            let records = records_under(&self.files())?;
            let mut filed: Vec<_> = records.iter().filter_map(|record| record.text("event_id")).collect();
            filed.sort_unstable();
            anyhow::ensure!(filed.len() <= ids.len(), "too many: {filed:?}");
            Ok((filed == ids).then_some(()))
        })
        .unwrap();
    }
}

fn settings(name: &str, sink: Box<dyn Sink>) -> SinkSettings {
    SinkSettings {
        name: name.to_owned(),
        sink,
        required: true,
        start: Start::Earliest,
        selection: Selection::All,
        topics: Topics::default(),
        strip_nul: false,
        privacy: privacy::Rules::default(),
    }
}

fn wait_for(delivery: &Delivery, sink: &str, state: SinkState) {
    wait_until("the state of a sink", PATIENCE, || {
        let status = delivery.status();
        Ok(status.sinks.iter().any(|found| found.name == sink && found.state == state).then_some(()))
    })
    .unwrap();
}

#[test]
fn sinks_change_while_one_waits_for_a_broker_that_does_not_answer_and_the_others_go_on() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let world = World::new(&silent.local_addr().unwrap().to_string());
    let delivery = world.start();
    world.receive("1");
    world.wait_until_filed(&["1"]);
    // The first attempt is a short one, the second has all the patience there is.
    wait_for(&delivery, "kafka", SinkState::Retry);
    silent.set_nonblocking(true).unwrap();
    while silent.accept().is_ok() {}
    wait_until("the second attempt", PATIENCE, || Ok(Some(silent.accept()?))).unwrap();
    let delivery = world.change(delivery);
    world.receive("2");
    world.wait_until_filed(&["1", "2"]);
    drop(delivery);
}

#[test]
fn sinks_change_while_one_waits_for_a_broker_that_has_died_and_every_event_arrives_once() {
    let Some(broker) = Broker::start("kafka-succession").unwrap() else { return };
    let world = World::new(broker.bootstrap());
    let delivery = world.start();
    world.receive("1");
    wait_until("the first event", PATIENCE, || Ok((broker.committed(TOPIC)?.len() == 1).then_some(())))
        .unwrap();
    broker.kill().unwrap();
    world.receive("2");
    world.wait_until_filed(&["1", "2"]);
    let delivery = world.change(delivery);
    world.receive("3");
    world.wait_until_filed(&["1", "2", "3"]);

    broker.restart().unwrap();
    wait_until("all events", PATIENCE * 2, || {
        let status = delivery.status();
        Ok(status.sinks.iter().all(|sink| sink.lag_events == 0).then_some(()))
    })
    .unwrap();
    let committed = broker.committed(TOPIC).unwrap();
    let ids: Vec<_> = committed.iter().filter_map(|message| message.header("ce_id")).collect();
    assert_eq!(ids, ["1", "2", "3"]);
}
