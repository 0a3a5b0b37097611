use kalends_sink::Failure;

use crate::{
    memory_sink::Memory,
    world::{World, append, eventually, sink, subscribe},
};

#[test]
fn whatever_fails_every_event_is_delivered_once() {
    let (world, memory) = (World::new(), Memory::default());
    memory.store().script.extend((0..60).map(|n| (n % 5 == 4).then(|| Failure::retry(format!("fault {n}")))));
    let running = world.run(vec![sink("memory", &memory)]);
    append(&running.journal, (1..=200).map(subscribe));
    eventually("all", || memory.positions().len() >= 200);
    running.stop();
    assert_eq!(memory.positions(), (1..=200).collect::<Vec<_>>());
    assert!(memory.store().connects > 1);
}

/// The last one: nothing comes behind it whose delivery would show the fault.
#[test]
fn an_event_whose_commit_failed_is_delivered_all_the_same() {
    let (world, memory) = (World::new(), Memory::default());
    // It connects, commits where it begins, and writes.
    memory.store().script.extend([None, None, None, Some(Failure::retry("the commit"))]);
    let running = world.run(vec![sink("memory", &memory)]);
    append(&running.journal, [subscribe(1)]);
    eventually("the event", || memory.positions() == [1]);
    assert_eq!(memory.store().connects, 2);
    running.stop();
}

#[test]
fn a_record_that_is_too_large_becomes_a_dead_letter_and_nothing_else_does() {
    let (world, memory) = (World::new(), Memory::default());
    memory.store().most_bytes = Some(2000);
    let running = world.run(vec![sink("memory", &memory)]);
    let large = subscribe(2).replace("s-2", &"x".repeat(3000));
    append(&running.journal, [subscribe(1), large, subscribe(3)]);
    eventually("three records", || memory.positions() == [1, 2, 3]);
    let refused = memory.store().kept[1].clone();
    assert_eq!(refused.reason.as_deref(), Some("too-large"));
    assert_eq!(refused.topic, "rokt.calendar.dead-letter");
    assert!(refused.datum.len() <= 2000);
    assert_eq!(memory.store().kept[2].reason, None);
    running.stop();
}

#[test]
fn a_dead_letter_that_is_too_large_goes_without_its_body_and_keeps_its_reason() {
    let (world, memory) = (World::new(), Memory::default());
    memory.store().most_bytes = Some(2000);
    let running = world.run(vec![sink("memory", &memory)]);
    append(&running.journal, ["x".repeat(3000), subscribe(2)]);
    eventually("both", || memory.positions() == [1, 2]);
    assert_eq!(memory.store().kept[0].reason.as_deref(), Some("invalid-json"));
    running.stop();
}

#[test]
fn an_event_whose_very_id_is_too_large_does_not_stop_those_behind_it() {
    let (world, memory) = (World::new(), Memory::default());
    memory.store().most_bytes = Some(2000);
    let running = world.run(vec![sink("memory", &memory)]);
    append(&running.journal, [subscribe("x".repeat(3000)), subscribe(2)]);
    eventually("both", || memory.positions() == [1, 2]);
    let refused = memory.store().kept[0].clone();
    assert_eq!((refused.reason.as_deref(), refused.key.as_str()), (Some("too-large"), "1"));
    running.stop();
}
