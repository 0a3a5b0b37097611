use std::{sync::atomic::Ordering, time::Duration};

use crate::{
    memory_sink::Memory,
    world::{World, append, append_at, eventually, sink, subscribe},
};

#[test]
fn an_event_sent_again_is_delivered_once() {
    let (world, memory) = (World::new(), Memory::default());
    let running = world.run(vec![sink("memory", &memory)]);
    let body = subscribe(1);
    let rewritten = body.replace(',', " ,\n").replace("eventId", "EVENTID");
    append(&running.journal, [body.clone(), body, rewritten, subscribe(2)]);
    eventually("two events", || memory.positions() == [1, 4]);
    assert!((running.metric("kalends_duplicates_total") - 2.0).abs() < 0.1);
    running.stop();
}

#[test]
fn an_event_sent_again_after_a_restart_is_still_a_duplicate() {
    let (world, memory) = (World::new(), Memory::default());
    for _ in 0..3 {
        let running = world.run(vec![sink("memory", &memory)]);
        append(&running.journal, [subscribe(1)]);
        running.stop();
    }
    assert_eq!(memory.positions(), [1]);
}

#[test]
fn a_sink_that_comes_late_drops_the_same_duplicates() {
    let (world, early, late) = (World::new(), Memory::default(), Memory::default());
    let running = world.run(vec![sink("early", &early)]);
    append(&running.journal, (0..300).map(|n| subscribe(n % 100)));
    running.stop();
    let running = world.run(vec![sink("early", &early), sink("late", &late)]);
    eventually("late has all", || late.store().checkpoint.is_some_and(|c| c.position == 300));
    running.stop();
    assert_eq!(late.positions(), early.positions());
    assert_eq!(late.positions(), (1..=100).collect::<Vec<_>>());
}

#[test]
fn what_came_hours_before_a_restart_is_compared_and_delivered_all_the_same() {
    let (mut world, early, late) = (World::new(), Memory::default(), Memory::default());
    world.window = Duration::from_hours(24);
    let running = world.run(vec![sink("early", &early)]);
    let test = r#"{"eventId":"t","eventType":"Test"}"#.to_owned();
    append(&running.journal, [subscribe(1), subscribe(1), "no JSON".to_owned(), test, subscribe(2)]);
    running.stop();
    let hours = 5 * 3_600_000_000;
    world.now.store(hours, Ordering::Relaxed);
    let running = world.run(vec![sink("early", &early), sink("late", &late)]);
    append_at(hours, &running.journal, [subscribe(2), subscribe(3)]);
    eventually("both have all", || {
        [&early, &late].iter().all(|memory| memory.positions() == [1, 3, 4, 5, 7])
    });
    let letters = running.delivery.status().dead_letters;
    assert_eq!(letters.iter().map(|letter| letter.position).collect::<Vec<_>>(), [3]);
    running.stop();
}

#[test]
fn test_events_are_never_duplicates() {
    let (world, memory) = (World::new(), Memory::default());
    let running = world.run(vec![sink("memory", &memory)]);
    let test = r#"{"eventId":"t","eventType":"Test"}"#.to_owned();
    append(&running.journal, [test.clone(), test]);
    eventually("both", || memory.positions() == [1, 2]);
    running.stop();
}

#[test]
fn other_content_under_the_same_id_is_delivered_and_counted() {
    let (world, memory) = (World::new(), Memory::default());
    let running = world.run(vec![sink("memory", &memory)]);
    append(&running.journal, [subscribe(1), subscribe(1).replace("s-1", "s-2")]);
    eventually("both", || memory.positions() == [1, 2]);
    assert!((running.metric("kalends_conflicts_total") - 1.0).abs() < 0.1);
    running.stop();
}
