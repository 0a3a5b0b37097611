use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    time::Duration,
};

use kalends_delivery::SinkSettings;
use kalends_sink::{Checkpoint, Failure, JournalId, Pacing, Record, Sink, Stream};
use prometheus::TextEncoder;

use crate::{
    memory_sink::Memory,
    world::{World, append, eventually, sink, subscribe},
};

/// Longer than any stop here.
const FOR_EVER: Duration = Duration::from_mins(1);

/// A destination that doesn't come back from connecting before the test lets it.
struct Stuck {
    entered: mpsc::SyncSender<()>,
    let_go: mpsc::Receiver<()>,
    is_back: Arc<AtomicBool>,
}

/// How a test holds it.
struct Grip {
    is_stuck: mpsc::Receiver<()>,
    release: mpsc::SyncSender<()>,
    is_back: Arc<AtomicBool>,
}

impl Stuck {
    /// The sink of this name.
    fn sink(name: &str) -> (SinkSettings, Grip) {
        let (entered, is_stuck) = mpsc::sync_channel(1);
        let (release, let_go) = mpsc::sync_channel(1);
        let is_back = Arc::new(AtomicBool::new(false));
        let stuck = Self { entered, let_go, is_back: Arc::clone(&is_back) };
        let sink = SinkSettings { sink: Box::new(stuck), ..sink(name, &Memory::default()) };
        (sink, Grip { is_stuck, release, is_back })
    }
}

impl Grip {
    fn release(self) {
        self.release.try_send(()).ok();
    }

    fn holds(&self) -> bool {
        !self.is_back.load(Ordering::SeqCst)
    }
}

impl Sink for Stuck {
    fn connect(&mut self, _: JournalId, _: &[Stream]) -> Result<Option<Checkpoint>, Failure> {
        self.entered.try_send(()).ok();
        self.let_go.recv_timeout(FOR_EVER).ok();
        self.is_back.store(true, Ordering::SeqCst);
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
    let (stuck, grip) = Stuck::sink("stuck");
    let running = world.run(vec![stuck, sink("well", &well)]);
    grip.is_stuck.recv().unwrap();
    append(&running.journal, (1..=50).map(subscribe));
    eventually("well is at it", || !well.positions().is_empty());
    assert!(!running.delivery.stop(Duration::from_secs(2)).in_time && grip.holds());
    assert_eq!(well.positions(), (1..=50).collect::<Vec<_>>());
    grip.release();
}

/// It would count what its successor counts, and let go what this one needs.
#[test]
fn a_delivery_whose_sink_was_left_behind_reads_nothing_any_more() {
    let (world, well) = (World::new(), Memory::default());
    let (stuck, grip) = Stuck::sink("stuck");
    let running = world.run(vec![stuck]);
    grip.is_stuck.recv().unwrap();
    append(&running.journal, (1..=5).map(subscribe));
    let (running, stopped) = running.change(vec![sink("well", &well)]);
    assert!(!stopped.in_time && grip.holds());
    for event in 6..=9 {
        append(&running.journal, [subscribe(event)]);
        eventually("the successor goes on", || well.positions().last() == Some(&event));
    }
    assert!((running.metric("kalends_events_total") - 9.0).abs() < f64::EPSILON, "each is counted once");
    grip.release();
    running.stop();
}

/// Both would take the destination for themselves, and what one has written would be void for the other.
#[test]
fn sinks_change_while_one_does_not_come_back_and_only_what_takes_its_place_waits_for_it() {
    let (world, well, between, last) =
        (World::new(), Memory::default(), Memory::default(), Memory::default());
    let (stuck, grip) = Stuck::sink("stuck");
    let running = world.run(vec![stuck, sink("well", &well)]);
    grip.is_stuck.recv().unwrap();
    append(&running.journal, (1..=50).map(subscribe));
    let (running, stopped) = running.change(vec![sink("stuck", &between), sink("well", &well)]);
    assert!(!stopped.in_time && grip.holds());
    append(&running.journal, (51..=60).map(subscribe));
    eventually("well goes on", || well.positions().len() == 60);
    let (running, _) = running.change(vec![sink("stuck", &last), sink("well", &well)]);
    append(&running.journal, (61..=70).map(subscribe));
    eventually("well goes on again", || well.positions().len() == 70);
    assert!(grip.holds() && last.store().connects == 0, "two are at work under one name");

    grip.release();
    eventually("the last takes its place", || last.positions().len() == 70);
    running.stop();
    let all: Vec<_> = (1..=70).collect();
    assert_eq!((well.positions(), last.positions()), (all.clone(), all));
    assert_eq!(between.store().connects, 0, "it was told to end before its turn came");
}

#[test]
fn what_takes_the_place_of_a_sink_that_was_left_behind_shows_what_it_does_itself() {
    let world = World::new();
    let ((first, grip), (second, successors)) = (Stuck::sink("stuck"), Stuck::sink("stuck"));
    let running = world.run(vec![first]);
    grip.is_stuck.recv().unwrap();
    let (running, _) = running.change(vec![second]);
    grip.release();
    successors.is_stuck.recv().unwrap();
    let shown = TextEncoder::new().encode_to_string(&running.registry.gather()).unwrap();
    assert!(shown.contains("kalends_sink_state{sink=\"stuck\",state=\"connecting\"} 1"), "{shown}");
    assert!(shown.contains("kalends_sink_state{sink=\"stuck\",state=\"stopped\"} 0"), "{shown}");
    successors.release();
    running.stop();
}

#[test]
fn every_event_is_delivered_once_however_often_the_sinks_change() {
    let (world, one, two) = (World::new(), Memory::default(), Memory::default());
    let sinks = || vec![sink("one", &one), sink("two", &two)];
    let mut running = world.run(sinks());
    for round in 0..30_u64 {
        append(&running.journal, (round * 20..(round + 1) * 20).map(subscribe));
        let failing = if round % 2 == 0 { &one } else { &two };
        failing.store().script.extend([None, Some(Failure::retry("away")), None]);
        (running, _) = running.change(sinks());
    }
    eventually("both have everything", || one.positions().len() >= 600 && two.positions().len() >= 600);
    running.stop();
    let all: Vec<_> = (1..=600).collect();
    assert_eq!((one.positions(), two.positions()), (all.clone(), all));
}
