use std::sync::Arc;

use bytes::Bytes;
use kalends_journal_local::Journal;
use kalends_normalise::{Plan, TimeUnit};
use kalends_receipt::Envelope;
use kalends_sink::{Checkpoint, Failure, JournalId, Pacing, Record, Sink, Stream};
use kalends_trace::Tracer;
use prometheus::Registry;
use tempfile::TempDir;

use super::*;
use crate::{Clock, Metrics, Selection, Settings, SinkLocks, Start, Topics, privacy};

struct Nowhere;

impl Sink for Nowhere {
    fn connect(&mut self, _: JournalId, _: &[Stream]) -> Result<Option<Checkpoint>, Failure> {
        Err(Failure::retry("nowhere"))
    }

    fn write(&mut self, _: &[Record<'_>]) -> Result<(), Failure> {
        Ok(())
    }

    fn commit(&mut self, _: Checkpoint) -> Result<(), Failure> {
        Ok(())
    }

    fn pacing(&self) -> Pacing {
        Pacing { records: 1, bytes: 1, delay: Duration::ZERO }
    }
}

fn journal(directory: &TempDir) -> Journal {
    let settings = kalends_journal_local::Settings {
        segment_bytes: 4_000,
        max_bytes: 50_000,
        min_free_bytes: 0,
        retain: Duration::ZERO,
        max_payload_bytes: 5_000,
        ..kalends_journal_local::Settings::new(directory.path().join("journal"))
    };
    Journal::open(settings, kalends_journal_local::Metrics::default()).unwrap()
}

fn append(journal: &Journal, body: &str) {
    let mut receipt = Vec::new();
    Envelope { endpoint: "main", received_at: 1, traceparent: None, tracestate: None }
        .write_head(&mut receipt);
    receipt.extend_from_slice(body.as_bytes());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(journal.appender().append(1, Bytes::from(receipt))).unwrap();
}

fn context(journal: &Journal) -> DeliveryContext {
    DeliveryContext {
        log: journal.log(),
        plan: Arc::new(Plan::builtin(TimeUnit::Millis).unwrap()),
        settings: Settings {
            window: Duration::from_secs(1),
            state: None,
            forget_list: None,
            counted_after: None,
            configuration: None,
            tracer: Tracer::default(),
        },
        clock: Clock::new(|| 0),
        metrics: Metrics::register(&Registry::new()).unwrap(),
        sink_locks: SinkLocks::default(),
    }
}

fn sink() -> SinkSettings {
    SinkSettings {
        name: "nowhere".to_owned(),
        sink: Box::new(Nowhere),
        required: true,
        start: Start::Earliest,
        selection: Selection::All,
        topics: Topics::default(),
        strip_nul: false,
        privacy: privacy::Rules::default(),
    }
}

#[test]
fn a_thread_that_can_not_be_made_leaves_no_other_thread_behind() {
    let directory = tempfile::tempdir().unwrap();
    let journal = journal(&directory);
    let context = context(&journal);
    let mut made = Vec::new();
    let prepared = PreparedDelivery::with_threads(&context, vec![sink()], |name, run| {
        if name == SCANNER_THREAD {
            return Err(io::Error::from(io::ErrorKind::WouldBlock));
        }
        made.push(thread::Builder::new().name(name).spawn(run).unwrap());
        Ok(())
    });
    assert!(matches!(prepared, Err(StartError::Thread(_))));
    assert_eq!(made.len(), 1);
    for thread in made {
        thread.join().unwrap();
    }
    let delivery = Delivery::start(context, vec![sink()]).unwrap();
    assert!(delivery.stop_at_once().in_time, "no orphan holds the sink's name");
}

fn step_all(tasks: &mut [(String, Box<dyn Task>)]) {
    for (_, task) in tasks {
        task.step();
    }
}

#[test]
fn positions_of_duplicates_are_forgotten_with_what_the_journal_no_longer_has() {
    let directory = tempfile::tempdir().unwrap();
    let journal = journal(&directory);
    let away = SinkSettings { required: false, ..sink() };
    let context = context(&journal);
    let sinks = CheckedSinks::new(&context.plan, vec![away]).unwrap();
    let DeliveryTasks { mut tasks, handle } = DeliveryTasks::new(context, sinks);
    let body =
        format!(r#"{{"eventId":"1","eventType":"Test","eventDetails":{{"filler":"{}"}}}}"#, "x".repeat(500));
    let body = body.replace("Test", "Subscribe");
    while journal.log().first_kept() < 100 {
        append(&journal, &body);
        step_all(&mut tasks);
    }
    step_all(&mut tasks);
    let (first, last) = (journal.log().first_kept(), journal.log().synced().position);
    assert_eq!(handle.scan_state.duplicates(1, last), None);
    let kept = handle.scan_state.duplicates(first, last).unwrap();
    assert_eq!(u64::try_from(kept.len()).unwrap(), last + 1 - first);
}
