//! The preset `segment`, against a destination that drops what it has had.

use serde_json::{Value, json};

use crate::{
    events::{Event, HOUR, START, subscribe, unsubscribe},
    fake::{Act, Fake, Kept},
    wire::Seen,
    world::{Deliver, World, deliver_all, made},
};

/// Keeps events by their messageId, within the limits that are documented.
pub(crate) fn segment(kept: &mut Kept, seen: &Seen) -> (u16, Value) {
    assert_eq!(seen.path, "/v1/batch");
    assert!(seen.body.len() <= 500_000, "{}", seen.body.len());
    assert!(seen.headers["authorization"].starts_with("Basic "));
    let mut errors = Vec::new();
    for (index, object) in seen.json()["batch"].as_array().unwrap().iter().enumerate() {
        assert!(object.to_string().len() <= 32_000);
        let id = object["messageId"].as_str().unwrap().to_owned();
        assert!(id.len() <= 100 && !object["anonymousId"].as_str().unwrap().is_empty());
        if kept.refuses.as_ref().is_some_and(|refused| object.to_string().contains(refused)) {
            errors.push(json!({ "batch_index": index, "reason": "invalid" }));
            continue;
        }
        kept.every_id.push(id.clone());
        if kept.ids.contains(&id) {
            continue;
        }
        kept.ids.push(id);
        let person = object["anonymousId"].as_str().unwrap().to_owned();
        match object["type"].as_str().unwrap() {
            "identify" => {
                let email = object["traits"]["email"].as_str().unwrap().to_owned();
                kept.people.entry(person).or_default().insert("email".into(), vec![email]);
            }
            "track" => kept.events.push((person, object["event"].as_str().unwrap().to_owned())),
            other => panic!("{other}"),
        }
    }
    if errors.is_empty() { (200, json!({ "success": true })) } else { (207, json!({ "errors": errors })) }
}

#[test]
fn a_subscription_is_an_anonymous_person_from_its_first_event_to_its_last() {
    let fake = Fake::new(segment);
    let world = World::new("segment", &fake, &json!({ "identify": ["subscriber_external_id"] }));
    world
        .connected()
        .deliver(&made(&[subscribe("s", START, START, "ann@example.org", Some(true))], 1))
        .unwrap();
    world.connected().deliver(&made(&[unsubscribe("s", Some(START + HOUR), START + HOUR)], 2)).unwrap();
    let events = fake.with(|kept| kept.events.clone());
    let name = |name: &str| ("s".to_owned(), name.to_owned());
    assert_eq!(events, [name("Calendar Subscribed"), name("Calendar Unsubscribed")]);
    assert_eq!(fake.with(|kept| kept.people["s"]["email"].clone()), ["ann@example.org"]);
    let track = &fake.requests()[0].json()["batch"][1];
    assert_eq!(track["properties"]["is_marketing_allowed"], true);
    assert_eq!(track["timestamp"], "2026-01-01T00:00:00Z");
    assert!(track.get("userId").is_none(), "nobody is named who is not known");
}

#[test]
fn a_person_that_is_known_is_named_in_later_events_too() {
    let fake = Fake::new(segment);
    let world = World::new("segment", &fake, &json!({ "identify": ["subscriber_external_id"] }));
    let details = json!({ "createdDateTimeUtc": crate::events::time(START), "subscriberExternalId": "u-7" });
    world.connected().deliver(&made(&[Event::new("Subscribe", "s", START, &details)], 1)).unwrap();
    world.connected().deliver(&made(&[unsubscribe("s", Some(START + HOUR), START + HOUR)], 2)).unwrap();
    for request in fake.requests() {
        assert_eq!(request.json()["batch"][0]["userId"], "u-7");
    }
}

#[test]
fn what_is_sent_again_is_dropped_there_by_its_id() {
    let fake = Fake::new(segment);
    let world = World::new("segment", &fake, &json!({}));
    let events: Vec<Event> = (0..30)
        .map(|n| subscribe(&format!("s-{n}"), START, START, &format!("{n}@example.org"), None))
        .collect();
    fake.next([Act::TakeAndClose]);
    assert!(deliver_all(&mut world.sink(), &events).is_empty());
    assert_eq!(fake.with(|kept| (kept.ids.len(), kept.every_id.len())), (60, 120));
    assert_eq!(world.doubts().len(), 30);
}

#[test]
fn an_event_that_is_refused_by_index_is_a_dead_letter_and_its_neighbours_are_not() {
    let fake = Fake::new(segment);
    fake.refuse("7@example.org");
    let world = World::new("segment", &fake, &json!({}));
    let events: Vec<Event> = (0..20)
        .map(|n| subscribe(&format!("s-{n}"), START, START, &format!("x{n}@example.org"), None))
        .collect();
    let mut letters = deliver_all(&mut world.sink(), &events);
    letters.sort_unstable();
    assert_eq!(letters, [8, 18]);
    assert_eq!(fake.with(|kept| kept.people.len()), 18);
}

#[test]
fn an_event_over_the_documented_limit_is_a_dead_letter_and_many_large_ones_are_several_requests() {
    let fake = Fake::new(segment);
    let world = World::new("segment", &fake, &json!({}));
    let with = |n: usize, length: usize| {
        let details =
            json!({ "createdDateTimeUtc": crate::events::time(START), "calendarTitle": "x".repeat(length) });
        Event::new("Subscribe", &format!("s-{n}"), START, &details)
    };
    let mut events: Vec<Event> = (0..40).map(|n| with(n, 30_000)).collect();
    events[3] = with(3, 40_000);
    assert_eq!(deliver_all(&mut world.sink(), &events), [4]);
    assert_eq!(fake.with(|kept| kept.events.len()), 39);
}
