//! A destination that refuses a batch without saying for which record.

use kalends_delivery::{Command, CommandFile, Selection, SinkSettings, SinkState, noted_dead_letters};

use crate::{
    memory_sink::{Kept, Memory},
    world::{Running, World, append, eventually, sink, subscribe},
};

fn unsubscribe(id: u64) -> String {
    subscribe(id).replace("Subscribe", "Unsubscribe")
}

/// Every Subscribe event is bad.
fn is_subscribe(record: &Kept) -> bool {
    record.topic.ends_with(".subscribe")
}

fn dead_letters(memory: &Memory) -> Vec<u64> {
    let store = memory.store();
    store.kept.iter().filter(|kept| kept.reason.is_some()).map(|kept| kept.position).collect()
}

/// Waits for the hold. Returns what it says.
fn held(running: &Running) -> String {
    eventually("the hold", || running.sink("memory").state == SinkState::Hold);
    running.sink("memory").last_error.unwrap()
}

#[test]
fn one_bad_record_among_many_becomes_a_dead_letter_and_no_other_does() {
    let (world, memory) = (World::new(), Memory::default());
    memory.store().refuses = Some(|record| record.reason.is_none() && record.position == 37);
    let running = world.run(vec![sink("memory", &memory)]);
    append(&running.journal, (1..=100).map(subscribe));
    eventually("all", || memory.positions().len() == 100);
    assert_eq!(memory.positions(), (1..=100).collect::<Vec<_>>(), "each once, in order");
    assert_eq!(dead_letters(&memory), [37]);
    let store = memory.store();
    let bad = &store.kept[36];
    assert_eq!(bad.reason.as_deref(), Some("rejected-by-sink"));
    assert_eq!(bad.message.as_deref(), Some("a check (23514)"));
    drop(store);
    running.stop();
}

#[test]
fn refused_record_is_noted_as_a_dead_letter_where_the_selection_leaves_dead_letters_out() {
    let (world, memory) = (World::new(), Memory::default());
    memory.store().refuses = Some(|record| record.position == 2);
    let only = Selection::Only(vec!["Subscribe".to_owned()]);
    let running = world.run(vec![SinkSettings { selection: only, ..sink("memory", &memory) }]);
    append(&running.journal, (1..=3).map(subscribe));
    eventually("the good ones", || memory.positions() == [1, 3]);
    running.stop();
    let noted = noted_dead_letters(&world.notes()).unwrap();
    assert_eq!(noted.get(&2), Some(&Some("rejected-by-sink".to_owned())), "{noted:?}");
}

#[test]
fn ten_bad_records_of_one_stream_in_a_row_are_a_hold_that_an_operator_ends_over_restarts() {
    let (world, memory) = (World::new(), Memory::default());
    memory.store().refuses = Some(is_subscribe);
    let running = world.run(vec![sink("memory", &memory)]);
    let bad_and_good =
        |ids: std::ops::RangeInclusive<u64>| ids.flat_map(|id| [subscribe(id), unsubscribe(100 + id)]);
    append(&running.journal, bad_and_good(1..=6));
    eventually("six dead letters", || memory.positions().len() == 12);
    running.stop();

    let running = world.run(vec![sink("memory", &memory)]);
    append(&running.journal, bad_and_good(7..=14));
    let said = held(&running);
    assert!(
        said.contains("rokt.calendar.subscribe again and again (23514), now that at position 19"),
        "{said}"
    );
    assert!(said.contains("those at positions 1 to 17 became dead letters"), "{said}");
    assert!(said.contains("`kalends replay --sink memory --dead-letters -c k.yaml`"), "{said}");
    assert!(said.contains("`kalends sinks resume memory --dead-letter -c k.yaml`"), "{said}");
    assert_eq!(dead_letters(&memory).len(), 9);
    assert_eq!(memory.positions(), (1..=18).collect::<Vec<_>>(), "no good record before it is lost or late");
    running.stop();

    let running = world.run(vec![sink("memory", &memory)]);
    held(&running);
    let commands = CommandFile::new(&world.notes());
    commands.give(&Command::DeadLetter).unwrap();
    eventually("the rest", || memory.positions().len() == 28);
    assert_eq!(memory.positions(), (1..=28).collect::<Vec<_>>());
    assert_eq!(dead_letters(&memory).len(), 14);
    running.stop();
}

#[test]
fn a_destination_that_is_mended_during_the_hold_gets_the_record_as_it_is() {
    let (world, memory) = (World::new(), Memory::default());
    memory.store().refuses = Some(is_subscribe);
    let running = world.run(vec![sink("memory", &memory)]);
    append(&running.journal, (1..=12).map(subscribe));
    held(&running);
    memory.store().refuses = None;
    eventually("the rest", || memory.positions().len() == 12);
    assert_eq!(dead_letters(&memory), (1..=9).collect::<Vec<_>>());
    running.stop();
    assert!(
        !world.directory.path().join("journal/sinks/memory.refusals.json").exists(),
        "the count is back at none"
    );
}

#[test]
fn a_dead_letter_that_is_refused_shrinks_and_is_not_counted() {
    let (world, memory) = (World::new(), Memory::default());
    memory.store().refuses = Some(|record| record.datum.len() > 300);
    let running = world.run(vec![sink("memory", &memory)]);
    let invalid = |n: u64| format!("no JSON {n} {}", "x".repeat(1000));
    append(&running.journal, (1..=20).map(invalid));
    append(&running.journal, [subscribe(1)]);
    eventually("all", || memory.positions().len() == 21);
    assert_eq!(dead_letters(&memory).len(), 20);
    assert!(memory.store().kept.iter().take(20).all(|kept| kept.reason.as_deref() == Some("invalid-json")));
    running.stop();
}

#[test]
fn dead_letter_that_is_refused_in_every_size_is_a_hold_whose_command_passes_only_it_over() {
    let (world, memory) = (World::new(), Memory::default());
    memory.store().refuses = Some(|record| record.position == 3);
    let running = world.run(vec![sink("memory", &memory)]);
    append(&running.journal, (1..=5).map(subscribe));
    let said = held(&running);
    assert!(said.contains("the dead letter for journal position 3 is refused too"), "{said}");
    assert!(said.contains("`kalends sinks seek memory --to 4 -c k.yaml`"), "{said}");
    assert_eq!(memory.positions(), [1, 2]);
    let commands = CommandFile::new(&world.notes());
    commands.give(&crate::commands::seek(&running, 3)).unwrap();
    eventually("the rest", || memory.positions().len() == 4);
    assert_eq!(memory.positions(), [1, 2, 4, 5]);
    running.stop();
}
