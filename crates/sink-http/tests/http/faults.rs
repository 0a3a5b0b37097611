//! Whatever dies when, each event is taken at least once, in order per key, and what is double is named.

use std::collections::BTreeMap;

use kalends_sink::{Failure, Sink};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{
    braze::braze,
    events::{Event, HOUR, START, time},
    fake::{Act, Fake, Kept, plain, webhook},
    segment::segment,
    world::{Deliver, Made, World},
};

/// What happens to one try of delivery.
#[derive(Debug, Clone)]
enum Step {
    /// The destination does this with the next requests.
    Acts(Vec<Act>),
    /// The process ends, and another begins.
    Restart,
    /// The process dies when the destination has been sent so many more requests, of which it takes the last one or not.
    Die { after: usize, takes: bool },
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => Just(Act::Take),
        2 => Just(Act::TakeAndClose),
        1 => Just(Act::Close),
        2 => Just(Act::TakeAndBreakOff),
        1 => Just(Act::status(500)),
        1 => Just(Act::status(401)),
        1 => Just(Act::Answer(403, Vec::new(), "<html>".into())),
        1 => Just(Act::status(302)),
        1 => Just(Act::with_header(429, "Retry-After", "0")),
        1 => (1..4_usize).prop_map(Act::TakeLate),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => prop::collection::vec(act(), 1..5).prop_map(Step::Acts),
        1 => Just(Step::Restart),
        3 => (0..6_usize, any::<bool>()).prop_map(|(after, takes)| Step::Die { after, takes }),
    ]
}

/// Subscriptions that begin and end by turns, a person each.
fn events(keys: &[u8]) -> Vec<Event> {
    let mut turns: BTreeMap<u8, i64> = BTreeMap::new();
    keys.iter()
        .map(|key| {
            let turn = turns.entry(*key).or_default();
            *turn += 1;
            let (at, id) = (START + *turn * HOUR, format!("11111111-2222-3333-4444-{key:012}"));
            if *turn % 2 == 1 {
                let details = json!({ "createdDateTimeUtc": time(at), "emailAddress": format!("{key}@example.org"), "calendarCode": "c" });
                Event::new("Subscribe", &id, at, &details)
            } else {
                Event::new("Unsubscribe", &id, at, &json!({ "removedDateTimeUtc": time(at) }))
            }
        })
        .collect()
}

/// Delivers everything through the steps, then without faults to the end.
fn run(world: &World, fake: &Fake, events: &[Event], steps: &[Step]) {
    let mut sink: Option<Box<dyn Sink>> = None;
    let mut steps = steps.iter();
    for _ in 0..500 {
        let step = steps.next();
        match step {
            Some(Step::Acts(acts)) => fake.next(acts.iter().cloned()),
            Some(Step::Restart) => sink = None,
            Some(Step::Die { after, takes }) => {
                fake.next(vec![Act::Take; *after]);
                fake.next([Act::Die(*takes)]);
            }
            None => fake.heal(),
        }
        let mut running = sink.take().unwrap_or_else(|| world.sink());
        let from = running.reconnect().unwrap().map_or(0, |checkpoint| checkpoint.position);
        let record = |(index, event): (usize, &Event)| Made::new(event, u64::try_from(index).unwrap() + 1);
        let records: Vec<Made> =
            events.iter().enumerate().map(record).filter(|made| made.position > from).take(6).collect();
        match (records.is_empty(), step) {
            (true, None) => return,
            (true, Some(_)) => {
                sink = Some(running);
                continue;
            }
            _ => {}
        }
        match running.deliver(&records) {
            Ok(()) | Err(Failure::Retry { .. } | Failure::Hold { .. }) => sink = Some(running),
            Err(other) => panic!("{other:?}"),
        }
        if fake.is_dead() {
            sink = None;
            fake.revive();
        }
    }
    panic!("no end");
}

/// The end of a person's subscription at the destination, without faults.
fn holds(preset: &str, take: crate::fake::Take, keys: &[u8], steps: &[Step], state_of: fn(&Kept) -> Value) {
    let settings = json!({ "identify": ["email_address"], "in_flight": 3, "timeout": "5s" });
    let events = events(keys);
    let (calm, calm_fake) = {
        let fake = Fake::new(take);
        (World::new(preset, &fake, &settings), fake)
    };
    run(&calm, &calm_fake, &events, &[]);
    let fake = Fake::new(take);
    let world = World::new(preset, &fake, &settings);
    fake.watches(world.notes());
    run(&world, &fake, &events, steps);
    let is_late = |act: &Act| matches!(act, Act::TakeLate(_));
    let late = steps.iter().any(|step| matches!(step, Step::Acts(acts) if acts.iter().any(is_late)));
    let position = |id: &String| id.rsplit('-').next().unwrap().parse().unwrap();
    // State stands before events, in any order.
    let is_event = |id: &&String| !id.ends_with("-identify");
    let of = |ids: &[String]| ids.iter().filter(is_event).map(position).collect::<Vec<u64>>();
    let (expected, taken) = (calm_fake.with(|kept| of(&kept.every_id)), fake.with(|kept| of(&kept.every_id)));
    let doubts = world.doubts();
    for expected in &expected {
        assert!(taken.contains(expected), "{expected} is lost: {taken:?}");
    }
    let times = |one: u64| taken.iter().filter(|other| **other == one).count();
    for double in taken.iter().filter(|one| times(**one) > 1) {
        assert!(doubts.contains(double), "{double} is double and not named: {taken:?}, {doubts:?}");
    }
    if late {
        return;
    }
    // First appearances of a key are in order.
    let mut first = Vec::new();
    for position in &taken {
        if !first.contains(position) {
            first.push(*position);
        }
    }
    for key in keys {
        let of_key = first.iter().filter(|position| keys[usize::try_from(**position).unwrap() - 1] == *key);
        assert!(of_key.is_sorted(), "{key}: {taken:?}");
    }
    assert_eq!(fake.with(|kept| state_of(kept)), calm_fake.with(|kept| state_of(kept)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn whatever_dies_every_webhook_is_taken_in_order_and_what_is_double_is_named(
        keys in prop::collection::vec(0..4_u8, 1..20), steps in prop::collection::vec(step(), 0..10),
    ) {
        holds("webhook", webhook, &keys, &steps, |_| Value::Null);
    }

    #[test]
    fn whatever_dies_any_api_gets_every_event_in_order_and_what_is_double_is_named(
        keys in prop::collection::vec(0..4_u8, 1..20), steps in prop::collection::vec(step(), 0..10),
    ) {
        holds("none", plain, &keys, &steps, |_| Value::Null);
    }

    #[test]
    fn whatever_dies_the_state_of_braze_is_that_of_a_run_without_faults(
        keys in prop::collection::vec(0..4_u8, 1..30), steps in prop::collection::vec(step(), 0..10),
    ) {
        holds("braze", braze, &keys, &steps, |kept| json!(kept.people));
    }

    #[test]
    fn whatever_dies_segment_has_every_event_once_by_its_id(
        keys in prop::collection::vec(0..4_u8, 1..30), steps in prop::collection::vec(step(), 0..10),
    ) {
        holds("segment", segment, &keys, &steps, |kept| {
            let mut ids = kept.ids.clone();
            ids.sort();
            json!([ids, kept.people])
        });
    }
}
