use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use bytes::Bytes;
use kalends_delivery::{
    Clock, Delivery, DeliveryContext, Metrics, Selection, Settings, SinkLocks, SinkSettings, SinkState,
    Start, Topics, privacy,
};
use kalends_journal_local::{Journal, StateDirectory};
use kalends_normalise::{Plan, TimeUnit};
use kalends_receipt::Envelope;
use kalends_sink::{Checkpoint, Failure, JournalId, Pacing, Record, Sink, Stream};
use kalends_tests::{event, wait::PATIENCE, wait_until};
use kalends_trace::Tracer;
use proptest::prelude::*;

use crate::{
    damage::{damaged, damages},
    runner::search,
};

const PIECES: [&str; 8] =
    ["\u{0}", "\u{1}", "{", "}", "\"eventId\":null,", "\"eventType\":\"Test\",", "\\ud800", "[[[["];

/// Keeps the positions that were committed.
struct Positions {
    written: Vec<u64>,
    committed: Arc<Mutex<Vec<u64>>>,
}

impl Sink for Positions {
    fn connect(&mut self, _: JournalId, _: &[Stream]) -> Result<Option<Checkpoint>, Failure> {
        Ok(None)
    }

    fn write(&mut self, records: &[Record<'_>]) -> Result<(), Failure> {
        self.written.extend(records.iter().map(|record| record.position));
        Ok(())
    }

    fn commit(&mut self, _: Checkpoint) -> Result<(), Failure> {
        self.committed.lock().unwrap().append(&mut self.written);
        Ok(())
    }

    fn pacing(&self) -> Pacing {
        Pacing { records: 100, bytes: 1 << 20, delay: Duration::from_millis(1) }
    }
}

fn receipt() -> Vec<u8> {
    let mut receipt = Vec::new();
    let envelope =
        Envelope { endpoint: "main", received_at: 1, traceparent: Some("00-1-2-01"), tracestate: None };
    envelope.write_head(&mut receipt);
    receipt.extend_from_slice(event::webhook("fuzz", 0).as_bytes());
    receipt
}

/// Whatever stands in the journal is delivered as far as it can be read; then delivery says what it can't read, and still
/// stops when told to.
fn deliver(payloads: &[Vec<u8>]) {
    let directory = tempfile::tempdir().unwrap();
    let settings = kalends_journal_local::Settings {
        min_free_bytes: 0,
        ..kalends_journal_local::Settings::new(directory.path().join("journal"))
    };
    let journal = Journal::open(settings, kalends_journal_local::Metrics::default()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for payload in payloads {
        runtime.block_on(journal.appender().append(1, Bytes::from(payload.clone()))).unwrap();
    }
    let committed = Arc::new(Mutex::new(Vec::new()));
    let sink = SinkSettings {
        name: "memory".to_owned(),
        sink: Box::new(Positions { written: Vec::new(), committed: Arc::clone(&committed) }),
        required: true,
        start: Start::Earliest,
        selection: Selection::All,
        topics: Topics::default(),
        strip_nul: false,
        privacy: privacy::Rules::default(),
    };
    let settings = Settings {
        window: Duration::from_hours(1),
        state: Some(Arc::new(StateDirectory::new(directory.path().join("sinks")))),
        forget_list: None,
        counted_after: None,
        configuration: None,
        tracer: Tracer::default(),
    };
    let metrics = Metrics::register(&prometheus::Registry::new()).unwrap();
    let plan = Arc::new(Plan::builtin(TimeUnit::Millis).unwrap());
    let begun = Instant::now();
    let basis = DeliveryContext {
        log: journal.log(),
        plan,
        settings,
        clock: Clock::new(|| 1).with_steady(move || begun + begun.elapsed() * 60),
        metrics,
        sink_locks: SinkLocks::default(),
    };
    let delivery = Delivery::start(basis, vec![sink]).unwrap();
    let last = journal.log().synced().position;
    wait_until("delivery to reach the end, or what it can't read", PATIENCE, || {
        let status = delivery.status();
        let through = status.sinks.iter().all(|sink| sink.lag_events == 0);
        let held = status.sinks.iter().any(|sink| sink.state == SinkState::Hold);
        Ok((through || held || status.scanner.error.is_some()).then_some(()))
    })
    .unwrap();
    // Half of this goes by in vain for what can't be read: delivery's own time goes sixty times as fast.
    assert!(delivery.stop(PATIENCE).in_time);
    let committed = committed.lock().unwrap();
    assert!(committed.is_sorted_by(|one, next| one < next), "in order, each once: {committed:?}");
    assert!(committed.iter().all(|position| *position <= last));
}

#[test]
fn receipts_of_any_content_are_delivered_or_told() {
    let sound = receipt();
    let payload = damages(4, &PIECES).prop_map(move |damages| damaged(&sound, &damages));
    let bytes = proptest::collection::vec(any::<u8>(), 0..100);
    search(&proptest::collection::vec(prop_oneof![8 => payload, 1 => bytes], 1..20), |payloads| {
        deliver(&payloads);
        Ok(())
    });
}
