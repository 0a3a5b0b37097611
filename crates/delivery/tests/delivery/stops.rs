use std::{sync::mpsc, time::Duration};

use kalends_delivery::SinkSettings;
use kalends_journal::Floor;
use kalends_sink::{Checkpoint, Failure, JournalId, Pacing, Record, Sink, Stream};

use crate::{
    memory_sink::Memory,
    world::{Running, World, append, eventually, metric, sink, subscribe},
};

/// Longer than any stop here.
const FOR_EVER: Duration = Duration::from_secs(30);

/// A destination that doesn't come back from connecting before the test lets it.
struct Stuck {
    entered: mpsc::SyncSender<()>,
    let_go: mpsc::Receiver<()>,
}

impl Sink for Stuck {
    fn connect(&mut self, _: JournalId, _: &[Stream]) -> Result<Option<Checkpoint>, Failure> {
        self.entered.try_send(()).ok();
        self.let_go.recv_timeout(FOR_EVER).ok();
        Err(Failure::retry("let go"))
    }

    fn write(&mut self, _: &[Record<'_>]) -> Result<(), Failure> {
        Ok(())
    }

    fn commit(&mut self, _: Checkpoint) -> Result<(), Failure> {
        Ok(())
    }

    fn pacing(&self) -> Pacing {
        Memory::default().sink().pacing()
    }
}

#[test]
fn a_sink_that_does_not_come_back_is_left_behind_at_a_stop_and_the_others_commit() {
    let (world, well) = (World::new(), Memory::default());
    let (entered, is_stuck) = mpsc::sync_channel(1);
    let (release, let_go) = mpsc::sync_channel(1);
    let stuck = SinkSettings { sink: Box::new(Stuck { entered, let_go }), ..sink("stuck", &well) };
    let running = world.run(vec![stuck, sink("well", &well)]);
    is_stuck.recv().unwrap();
    append(&running.journal, (1..=50).map(subscribe));
    eventually("well is at it", || !well.positions().is_empty());
    assert!(!running.delivery.stop(Duration::from_secs(2)).in_time);
    assert_eq!(well.positions(), (1..=50).collect::<Vec<_>>());
    drop(release);
}

/// It keeps the scanner alive, which goes by what sinks were required once.
#[test]
fn a_delivery_whose_sink_was_left_behind_lets_nothing_go_any_more() {
    let world = World::new();
    let (entered, is_stuck) = mpsc::sync_channel(1);
    let (release, let_go) = mpsc::sync_channel(1);
    let stuck = Box::new(Stuck { entered, let_go });
    let stuck = SinkSettings { sink: stuck, required: false, ..sink("stuck", &Memory::default()) };
    let Running { journal, delivery, registry } = world.run(vec![stuck]);
    is_stuck.recv().unwrap();
    append(&journal, (1..=5).map(subscribe));
    assert!(!delivery.stop(Duration::from_secs(1)).in_time);

    journal.log().release(Floor { all: 0, required: 0, read: 0, time: i64::MIN });
    let room = journal.log().room();
    for event in 6..=9_u32 {
        append(&journal, [subscribe(event)]);
        eventually("the scanner goes on", || metric(&registry, "kalends_events_total") >= f64::from(event));
    }
    assert!(journal.log().room() < room, "what is not delivered makes no room");
    drop(release);
}
