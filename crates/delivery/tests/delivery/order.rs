use std::time::Duration;

use kalends_delivery::{Selection, SinkSettings, Start};

use crate::{
    memory_sink::Memory,
    world::{World, append, eventually, sink, subscribe},
};

#[test]
fn every_event_is_delivered_once_in_order_to_every_sink() {
    let (world, one, two) = (World::new(), Memory::default(), Memory::default());
    let running = world.run(vec![sink("one", &one), sink("two", &two)]);
    append(&running.journal, (1..=100).map(subscribe));
    let expected: Vec<u64> = (1..=100).collect();
    eventually("both have all", || one.positions() == expected && two.positions() == expected);
    assert_eq!(one.store().kept[0].topic, "rokt.calendar.subscribe");
    assert_eq!(one.store().kept[0].key, "s-1");
    eventually("no lag", || running.sink("one").lag_events == 0 && running.sink("two").lag_events == 0);
    running.stop();
}

#[test]
fn a_restart_goes_on_behind_the_checkpoint() {
    let (world, memory) = (World::new(), Memory::default());
    let running = world.run(vec![sink("memory", &memory)]);
    append(&running.journal, (1..=10).map(subscribe));
    running.stop();
    assert_eq!(memory.positions(), (1..=10).collect::<Vec<_>>(), "a stop delivers what is stored");
    let running = world.run(vec![sink("memory", &memory)]);
    append(&running.journal, (11..=20).map(subscribe));
    running.stop();
    assert_eq!(memory.positions(), (1..=20).collect::<Vec<_>>());
}

#[test]
fn a_sink_far_behind_reads_the_journal_by_itself() {
    let (world, quick, late) = (World::new(), Memory::default(), Memory::default());
    let running = world.run(vec![sink("quick", &quick)]);
    append(&running.journal, (1..=6000).map(subscribe));
    eventually("quick has all", || quick.positions().len() == 6000);
    running.stop();
    let running = world.run(vec![sink("quick", &quick), sink("late", &late)]);
    eventually("late has all", || late.positions().len() == 6000);
    assert!(late.positions().is_sorted());
    assert_eq!(quick.positions().len(), 6000);
    running.stop();
}

#[test]
fn a_sink_gets_only_the_types_it_asked_for() {
    let (world, memory) = (World::new(), Memory::default());
    let selection = Selection::Except(vec!["DeadLetter".to_owned()]);
    let running = world.run(vec![SinkSettings { selection, ..sink("memory", &memory) }]);
    append(&running.journal, [subscribe(1), "no event".to_owned(), subscribe(2), "no event".to_owned()]);
    eventually("both events", || memory.positions() == [1, 3]);
    running.stop();
    assert_eq!(memory.store().checkpoint.unwrap().position, 4, "what is passed over is committed too");
}

#[test]
fn a_new_sink_can_start_at_the_end() {
    let (world, memory) = (World::new(), Memory::default());
    let journal = world.journal();
    append(&journal, (1..=5).map(subscribe));
    let running =
        world.run_over(journal, vec![SinkSettings { start: Start::Latest, ..sink("memory", &memory) }]);
    eventually("connected", || memory.store().checkpoint.is_some());
    append(&running.journal, (6..=7).map(subscribe));
    eventually("the new ones", || memory.positions() == [6, 7]);
    running.stop();
}

#[test]
fn a_sink_that_is_away_delays_nobody() {
    let (world, well, away) = (World::new(), Memory::default(), Memory::default());
    away.store().script.extend((0..1000).map(|_| Some(kalends_sink::Failure::retry("nobody is there"))));
    let running = world.run(vec![sink("away", &away), sink("well", &well)]);
    append(&running.journal, (1..=50).map(subscribe));
    eventually("well has all", || well.positions().len() == 50);
    eventually("away is known to lag", || running.sink("away").lag_events == 50);
    assert_eq!(running.sink("away").last_error.as_deref(), Some("nobody is there"));
    away.store().script.clear();
    eventually("away has all", || away.positions().len() == 50);
    assert!(running.delivery.stop(Duration::from_secs(10)).in_time);
}
