use std::sync::Arc;

use kalends_journal::Journal;
use kalends_normalise::{Plan, TimeUnit};
use kalends_sink::{Checkpoint, Failure, JournalId, Pacing, Record, Sink, Stream};
use kalends_trace::Tracer;
use prometheus::Registry;

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

fn context(journal: &Journal) -> DeliveryContext {
    DeliveryContext {
        log: journal.log(),
        plan: Arc::new(Plan::builtin(TimeUnit::Millis).unwrap()),
        settings: Settings {
            window: Duration::from_secs(1),
            state_directory: None,
            counted_after: None,
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
    let journal = kalends_journal::Settings::new(directory.path().join("journal"));
    let journal = Journal::open(journal, kalends_journal::Metrics::default()).unwrap();
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
