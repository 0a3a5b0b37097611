//! A destination that fails on a batch again and again without refusing it, for the sake of one record.

use std::time::Duration;

use kalends_delivery::{Command, CommandFile, SinkState};
use kalends_journal::Chain;
use kalends_sink::{Checkpoint, Failure};

use crate::{
    memory_sink::Memory,
    world::{Running, World, append, eventually, sink, subscribe},
};

const MINUTE: Duration = Duration::from_mins(1);

fn commands(world: &World) -> CommandFile {
    CommandFile::new(&world.notes())
}

/// The command to skip the record at `position`.
fn skip(running: &Running, position: u64) -> Command {
    let log = running.journal.log();
    let chain = match log.chain_at(position).unwrap() {
        Chain::Known(chain) => chain,
        other => panic!("{other:?}"),
    };
    Command::Skip(Checkpoint { journal: log.id(), shard: 0, position, chain })
}

fn dead_letters(memory: &Memory) -> Vec<u64> {
    let store = memory.store();
    store.kept.iter().filter(|kept| kept.reason.is_some()).map(|kept| kept.position).collect()
}

/// Lets time pass until the sink holds. Returns what it says.
fn held(world: &World, running: &Running) -> String {
    eventually("the hold", || {
        world.pass(Duration::from_secs(1));
        running.sink("memory").state == SinkState::Hold
    });
    running.sink("memory").last_error.unwrap()
}

#[test]
fn batch_that_always_times_out_is_divided_and_its_record_shown_until_an_operator_skips_it() {
    let (world, memory) = (World::new(), Memory::default());
    memory.store().times_out = Some(|record| record.reason.is_none() && record.position == 13);
    let running = world.run(vec![sink("memory", &memory)]);
    append(&running.journal, (1..=20).map(subscribe));
    eventually("a failure", || running.sink("memory").state == SinkState::Retry);
    world.pass(14 * MINUTE);
    let before = memory.store().connects;
    eventually("further failures", || memory.store().connects > before + 2);
    assert_eq!(running.sink("memory").state, SinkState::Retry);
    assert_eq!(running.sink("memory").stuck_at, None, "nothing is divided before its time");

    let said = held(&world, &running);
    assert!(said.contains("on the record at position 13 alone: timed out"), "{said}");
    assert!(said.contains("`kalends sinks skip memory --at 13 -c k.yaml`"), "{said}");
    assert_eq!(memory.positions(), (1..=12).collect::<Vec<_>>(), "no good record before it waits");
    assert_eq!(running.sink("memory").stuck_at, Some(13));
    running.stop();
    assert_eq!(dead_letters(&memory), [0; 0], "nothing becomes a dead letter by itself");

    let running = world.run(vec![sink("memory", &memory)]);
    held(&world, &running);
    let order = skip(&running, 13);
    commands(&world).give(&order).unwrap();
    eventually("the rest", || memory.positions().len() == 20);
    assert!(commands(&world).was_carried_out(&order, 0).unwrap());
    assert_eq!(memory.positions(), (1..=20).collect::<Vec<_>>(), "each once, in order");
    assert_eq!(dead_letters(&memory), [13]);
    let message = memory.store().kept[12].message.clone().unwrap();
    assert!(message.contains("an operator has skipped it"), "{message}");
    eventually("it is shown", || running.sink("memory").stuck_at.is_none());
    running.stop();
}

#[test]
fn destination_that_recovers_gets_the_record_that_it_was_stuck_at() {
    let (world, memory) = (World::new(), Memory::default());
    memory.store().times_out = Some(|record| record.position > 3);
    let running = world.run(vec![sink("memory", &memory)]);
    append(&running.journal, (1..=20).map(subscribe));
    held(&world, &running);
    memory.store().times_out = None;
    eventually("all", || {
        world.pass(Duration::from_secs(1));
        memory.positions().len() == 20
    });
    assert_eq!(dead_letters(&memory), [0; 0]);
    running.stop();
}

#[test]
fn skip_that_is_on_record_is_kept_over_a_restart_before_its_dead_letter_is_committed() {
    let (world, memory) = (World::new(), Memory::default());
    memory.store().times_out = Some(|_| true);
    let running = world.run(vec![sink("memory", &memory)]);
    append(&running.journal, (1..=5).map(subscribe));
    eventually("a failure", || running.sink("memory").state == SinkState::Retry);
    let order = skip(&running, 3);
    commands(&world).give(&order).unwrap();
    eventually("the order is taken", || commands(&world).was_carried_out(&order, 0).unwrap());
    running.stop();
    assert_eq!(memory.positions(), [0; 0]);

    memory.store().times_out = Some(|record| record.reason.is_none() && record.position == 3);
    let running = world.run(vec![sink("memory", &memory)]);
    eventually("all", || memory.positions().len() == 5);
    assert_eq!(dead_letters(&memory), [3]);
    running.stop();
}

#[test]
fn record_that_is_skipped_again_becomes_a_smaller_dead_letter() {
    let (world, memory) = (World::new(), Memory::default());
    memory.store().times_out = Some(|record| record.datum.len() > 300);
    let running = world.run(vec![sink("memory", &memory)]);
    let long = subscribe(1).replace("s-1", &"x".repeat(1000));
    append(&running.journal, [long, subscribe(2)]);
    for _ in 0..2 {
        let so_far = commands(&world).carried_out_so_far().unwrap();
        held(&world, &running);
        let order = skip(&running, 1);
        commands(&world).give(&order).unwrap();
        eventually("the order is taken", || commands(&world).was_carried_out(&order, so_far).unwrap());
        eventually("the order is removed", || commands(&world).waiting().unwrap().is_none());
    }
    eventually("all", || memory.positions().len() == 2);
    assert_eq!(dead_letters(&memory), [1]);
    running.stop();
}

#[test]
fn trickle_of_one_event_an_hour_with_a_failure_each_is_never_taken_for_a_record_at_fault() {
    let (world, memory) = (World::new(), Memory::default());
    let running = world.run(vec![sink("memory", &memory)]);
    for hour in 1..=12 {
        memory.store().script = (0..2).map(|_| Some(Failure::retry("away for a moment"))).collect();
        append(&running.journal, [subscribe(hour)]);
        eventually("the event of this hour", || memory.positions().len() == usize::try_from(hour).unwrap());
        let said = running.sink("memory").last_error.unwrap();
        assert_eq!(said, "away for a moment", "no hold");
        world.pass(60 * MINUTE);
    }
    assert_eq!(dead_letters(&memory), [0; 0]);
    running.stop();
}
