//! What people are shown of what came in of late.

use std::sync::atomic::Ordering;

use crate::{
    memory_sink::Memory,
    world::{Running, World, append_at, eventually, sink, subscribe},
};

const MINUTE: i64 = 60_000_000;

/// A world whose clock stands at the begin of this minute.
fn world_at(minute: i64) -> World {
    let world = World::new();
    world.now.store(minute * MINUTE, Ordering::Relaxed);
    world
}

fn scanned(running: &Running, position: u64) {
    eventually("all is scanned", || running.delivery.status().scanner.scanned_position == position);
}

#[test]
fn each_minute_of_the_last_hour_tells_what_was_received_in_it() {
    let (world, memory) = (world_at(1000), Memory::default());
    let running = world.run(vec![sink("memory", &memory)]);
    append_at(940 * MINUTE, &running.journal, [subscribe("too long ago")]);
    append_at(941 * MINUTE, &running.journal, [subscribe(1), subscribe(2)]);
    append_at(1000 * MINUTE + 1, &running.journal, [subscribe(1), "no event".to_owned()]);
    scanned(&running, 5);
    let intake = running.delivery.status().intake;
    assert_eq!(intake.newest_minute, 1000 * MINUTE);
    let in_first_and_last = |first, last| [&[first][..], &[0; 58], &[last]].concat();
    assert_eq!(
        intake.events.into_iter().collect::<Vec<_>>(),
        [("Subscribe".to_owned(), in_first_and_last(2, 1))]
    );
    assert_eq!(intake.repeated, in_first_and_last(0, 1));
    assert_eq!(intake.dead_letters, in_first_and_last(0, 1));
    running.stop();
}

#[test]
fn a_restart_forgets_nothing_of_the_last_hour() {
    let (world, memory) = (world_at(1000), Memory::default());
    let running = world.run(vec![sink("memory", &memory)]);
    append_at(990 * MINUTE, &running.journal, [subscribe(1), "no event".to_owned()]);
    scanned(&running, 2);
    let before = running.delivery.status();
    running.stop();
    let running = world.run(vec![sink("memory", &memory)]);
    scanned(&running, 2);
    let after = running.delivery.status();
    assert_eq!(after.intake.events, before.intake.events);
    assert_eq!(after.intake.dead_letters.iter().sum::<u64>(), 1);
    assert_eq!(after.dead_letters.len(), 1);
    running.stop();
}

#[test]
fn minutes_of_a_clock_that_was_ahead_take_no_place_for_long() {
    let (world, memory) = (world_at(1000), Memory::default());
    let running = world.run(vec![sink("memory", &memory)]);
    for minute in 5000..5060 {
        append_at(minute * MINUTE, &running.journal, [subscribe(minute)]);
    }
    scanned(&running, 60);
    assert!(running.delivery.status().intake.events.is_empty());
    append_at(1000 * MINUTE, &running.journal, [subscribe("now")]);
    scanned(&running, 61);
    assert_eq!(running.delivery.status().intake.events["Subscribe"].last(), Some(&1));
    running.stop();
}

#[test]
fn the_last_dead_letters_are_shown_the_newest_first_and_without_what_was_sent() {
    let (world, memory) = (world_at(1000), Memory::default());
    memory.store().most_bytes = Some(2000);
    let running = world.run(vec![sink("memory", &memory)]);
    let large = subscribe("secret-1").replace("s-secret-1", &"secret-2".repeat(500));
    let broken = (0..12).map(|n| format!("{{\"secret-3\": {n}"));
    append_at(999 * MINUTE, &running.journal, broken.chain([large]));
    eventually("all is delivered", || running.sink("memory").lag_events == 0);
    let letters = running.delivery.status().dead_letters;
    assert_eq!(letters.len(), 10);
    let told = letters.iter().map(|letter| (letter.position, letter.reason, letter.sink.as_deref()));
    let told: Vec<_> = told.take(2).collect();
    assert_eq!(told, [(13, "too-large", Some("memory")), (12, "invalid-json", None)]);
    assert!(letters.iter().all(|l| l.endpoint == "main" && l.received_at == 999 * MINUTE));
    assert!(!format!("{letters:?}").contains("secret"), "{letters:?}");
    running.stop();
}
