//! The preset `braze`, against a destination that keeps people as Braze does.

use kalends_sink::Failure;
use serde_json::{Value, json};

use crate::{
    events::{Event, HOUR, START, subscribe, unsubscribe, update},
    fake::{Act, Fake, Kept},
    wire::Seen,
    world::{Deliver, Made, World, deliver_all, held, made},
};

const FIRST: &str = "11111111-2222-3333-4444-aaaaaaaaaaaa";
const SECOND: &str = "11111111-2222-3333-4444-bbbbbbbbbbbb";

/// What Braze's reference says of a request.
fn schema() -> Value {
    let who = json!({ "oneOf": [{ "required": ["external_id"] }, { "required": ["email"] }] });
    let change = json!({
        "type": "object",
        "additionalProperties": false,
        "minProperties": 1,
        "properties": {
            "add": { "type": "array", "minItems": 1, "items": { "type": "string" } },
            "remove": { "type": "array", "minItems": 1, "items": { "type": "string" } },
        },
    });
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "attributes": { "type": "array", "minItems": 1, "maxItems": 75, "items": { "allOf": [who, {
                "type": "object",
                "properties": { "external_id": { "type": "string" }, "email": { "type": "string", "format": "email" } },
                "patternProperties": { "^rokt:": change },
                "additionalProperties": false,
            }] } },
            "events": { "type": "array", "minItems": 1, "maxItems": 75, "items": { "allOf": [who, {
                "type": "object",
                "required": ["name", "time"],
                "properties": {
                    "external_id": { "type": "string" },
                    "email": { "type": "string" },
                    "name": { "type": "string", "minLength": 1, "maxLength": 255 },
                    "time": { "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z$" },
                    "properties": { "type": "object" },
                },
                "additionalProperties": false,
            }] } },
        },
    })
}

fn who(object: &Value) -> String {
    object.get("external_id").or_else(|| object.get("email")).and_then(Value::as_str).unwrap().to_owned()
}

/// Keeps people as Braze does: lists are sets, events are counted every time, what is refused is named by list and index.
pub(crate) fn braze(kept: &mut Kept, seen: &Seen) -> (u16, Value) {
    assert_eq!(seen.path, "/users/track");
    if !seen.headers.get("authorization").is_some_and(|header| header.starts_with("Bearer ")) {
        return (401, json!({ "message": "Invalid API Key" }));
    }
    let body = seen.json();
    let lists = |name: &str| body[name].as_array().cloned().unwrap_or_default();
    let (attributes, events) = (lists("attributes"), lists("events"));
    if attributes.is_empty() && events.is_empty() {
        return (400, json!({ "message": "nothing was provided" }));
    }
    jsonschema::validator_for(&schema()).unwrap().validate(&body).unwrap();
    assert!(attributes.len() + events.len() <= 75);
    let (mut errors, mut processed) = (Vec::new(), [0_u64; 2]);
    let is_bad =
        |object: &Value| kept.refuses.as_ref().is_some_and(|refused| object.to_string().contains(refused));
    let refused: Vec<Vec<bool>> = [&attributes, &events].map(|list| list.iter().map(is_bad).collect()).into();
    for (index, object) in attributes.iter().enumerate() {
        if refused[0][index] {
            errors.push(json!({ "type": "bad", "input_array": "attributes", "index": index }));
            continue;
        }
        processed[0] += 1;
        let person = kept.people.entry(who(object)).or_default();
        for (list, change) in object.as_object().unwrap().iter().filter(|(key, _)| key.starts_with("rokt:")) {
            let values = person.entry(list.clone()).or_default();
            for value in change["remove"].as_array().into_iter().flatten() {
                values.retain(|known| known != value.as_str().unwrap());
            }
            for value in change["add"].as_array().into_iter().flatten() {
                let value = value.as_str().unwrap().to_owned();
                if !values.contains(&value) {
                    values.push(value);
                }
            }
            if values.is_empty() {
                person.remove(list);
            }
        }
    }
    for (index, object) in events.iter().enumerate() {
        if refused[1][index] {
            errors.push(json!({ "type": "bad", "input_array": "events", "index": index }));
            continue;
        }
        processed[1] += 1;
        kept.every_id.push(object["properties"]["kalends_id"].as_str().unwrap_or_default().to_owned());
        kept.events.push((who(object), object["name"].as_str().unwrap().to_owned()));
    }
    let mut answer = json!({ "message": "success", "attributes_processed": processed[0], "events_processed": processed[1] });
    if !errors.is_empty() {
        answer["errors"] = json!(errors);
    }
    (201, answer)
}

fn world(fake: &Fake) -> World {
    World::new("braze", fake, &json!({ "identify": ["subscriber_external_id", "email_address"] }))
}

fn of(fake: &Fake, person: &str, list: &str) -> Vec<String> {
    fake.with(|kept| kept.people.get(person).and_then(|person| person.get(list)).cloned().unwrap_or_default())
}

/// A Subscribe to a calendar of this code.
fn joined(id: &str, at: i64, email: &str, calendar: &str) -> Event {
    let details = json!({
        "createdDateTimeUtc": crate::events::time(at), "emailAddress": email, "isMarketingAllowed": true,
        "calendarCode": calendar, "source": "web", "countryCode": "AU",
        "calendarTags": [{ "tagId": "1", "tagText": "Red" }, { "tagId": "2", "tagText": "Blue" }],
    });
    Event::new("Subscribe", id, at, &details)
}

#[test]
fn an_unsubscribe_reaches_the_person_that_its_subscribe_made_days_later_and_after_restarts() {
    let fake = Fake::new(braze);
    let world = world(&fake);
    world.connected().deliver(&made(&[joined(FIRST, START, "ann@example.org", "footy")], 1)).unwrap();
    assert_eq!(of(&fake, "ann@example.org", "rokt:calendar_code"), ["footy/aaaaaaaaaaaa"]);
    assert_eq!(of(&fake, "ann@example.org", "rokt:subscription_id"), [FIRST]);
    assert_eq!(of(&fake, "ann@example.org", "rokt:optIn1"), ["true/aaaaaaaaaaaa"]);
    for position in 2..5 {
        drop(world.connected());
        let added = Event::new("SubscriptionEventAdded", FIRST, START + HOUR, &json!({}));
        world.connected().deliver(&made(&[added], position)).unwrap();
    }
    let left = unsubscribe(FIRST, Some(START + 72 * HOUR), START + 72 * HOUR);
    world.connected().deliver(&made(&[left], 9)).unwrap();
    let names = fake.with(|kept| kept.events.clone());
    assert!(names.iter().all(|(who, _)| who == "ann@example.org"), "{names:?}");
    assert_eq!(names.last().unwrap().1, "calendar_unsubscribed");
    assert_eq!(fake.with(|kept| kept.people["ann@example.org"].clone()), [].into(), "all is taken back");
}

#[test]
fn nothing_remembered_of_a_forgotten_person_is_sent_or_kept() {
    let fake = Fake::new(braze);
    let world = world(&fake);
    world.connected().deliver(&made(&[joined(FIRST, START, "ann@example.org", "footy")], 1)).unwrap();
    let before = fake.requests().len();
    let left = unsubscribe(FIRST, Some(START + HOUR), START + HOUR);
    let mut forgotten = made(std::slice::from_ref(&left), 2);
    forgotten[0].is_forgotten = true;
    let refused = world.connected().deliver(&forgotten);
    assert!(matches!(refused, Err(Failure::Data { reason: "no-identity", .. })), "{refused:?}");
    world.connected().deliver(&[Made::letter(&left, 2)]).unwrap();
    assert_eq!(fake.requests().len(), before, "nothing of that person is sent");
    let again = world.connected().deliver(&made(&[left], 3));
    assert!(matches!(again, Err(Failure::Data { reason: "no-identity", .. })), "nobody is known: {again:?}");
}

#[test]
fn two_subscriptions_of_a_person_do_not_overwrite_each_other_and_leaving_one_leaves_the_other() {
    let fake = Fake::new(braze);
    let world = world(&fake);
    let mut sink = world.connected();
    let (first, second) = (
        joined(FIRST, START, "ann@example.org", "footy"),
        joined(SECOND, START, "ann@example.org", "cricket"),
    );
    sink.deliver(&made(&[first.clone(), second], 1)).unwrap();
    let both = ["footy/aaaaaaaaaaaa", "cricket/bbbbbbbbbbbb"];
    assert_eq!(of(&fake, "ann@example.org", "rokt:calendar_code"), both);
    sink.deliver(&made(&[first], 3)).unwrap();
    assert_eq!(of(&fake, "ann@example.org", "rokt:calendar_code"), both, "twice leaves one");
    sink.deliver(&made(&[unsubscribe(FIRST, Some(START + HOUR), START + HOUR)], 4)).unwrap();
    assert_eq!(of(&fake, "ann@example.org", "rokt:calendar_code"), ["cricket/bbbbbbbbbbbb"]);
    assert_eq!(of(&fake, "ann@example.org", "rokt:subscription_id"), [SECOND]);
}

#[test]
fn an_update_takes_back_what_is_no_more_and_moves_to_another_person_whole() {
    let fake = Fake::new(braze);
    let world = world(&fake);
    let mut sink = world.connected();
    sink.deliver(&made(&[joined(FIRST, START, "ann@example.org", "footy")], 1)).unwrap();
    assert_eq!(of(&fake, "ann@example.org", "rokt:tags"), ["Blue/aaaaaaaaaaaa", "Red/aaaaaaaaaaaa"]);
    sink.deliver(&made(&[update(FIRST, START + HOUR, "ann@example.org", Some(false))], 2)).unwrap();
    assert_eq!(of(&fake, "ann@example.org", "rokt:optIn1"), ["false/aaaaaaaaaaaa"]);
    assert!(of(&fake, "ann@example.org", "rokt:tags").is_empty());
    sink.deliver(&made(&[update(FIRST, START + 2 * HOUR, "bob@example.org", Some(true))], 3)).unwrap();
    assert_eq!(fake.with(|kept| kept.people["ann@example.org"].clone()), [].into());
    assert_eq!(of(&fake, "bob@example.org", "rokt:subscription_id"), [FIRST]);
}

#[test]
fn an_event_about_nobody_known_is_a_dead_letter_and_its_removal_counts_all_the_same() {
    let fake = Fake::new(braze);
    let world = world(&fake);
    let events = [
        unsubscribe(FIRST, Some(START + HOUR), START + HOUR),
        joined(FIRST, START, "ann@example.org", "footy"),
    ];
    assert_eq!(deliver_all(&mut world.sink(), &events), [1]);
    assert!(fake.requests().is_empty(), "a Subscribe that comes after its Unsubscribe subscribes nobody");
    let world = World::new("braze", &fake, &json!({ "identify": ["email_address"], "no_identity": "skip" }));
    assert!(deliver_all(&mut world.sink(), &events).is_empty());
    assert!((world.count("kalends_http_sink_events_total", &["no-identity"]) - 1.0).abs() < 0.1);
}

#[test]
fn one_refused_event_in_fifty_is_named_by_the_answer_and_the_others_are_taken_once() {
    let fake = Fake::new(braze);
    fake.refuse("17@example.org");
    let world = world(&fake);
    let id = |n: i64| format!("11111111-2222-3333-4444-{n:012}");
    let events: Vec<Event> =
        (0..50).map(|n| subscribe(&id(n), START, START, &format!("{n}@example.org"), None)).collect();
    assert_eq!(deliver_all(&mut world.sink(), &events), [18]);
    let mut ids = fake.with(|kept| kept.every_id.clone());
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 49);
    assert_eq!(fake.with(|kept| kept.every_id.len()), 49);
}

#[test]
fn a_whole_request_that_is_refused_is_halved_until_the_event_is_found() {
    let fake = Fake::new(|kept, seen| {
        if String::from_utf8_lossy(&seen.body).contains("17@example.org") {
            return (400, json!({ "message": "one of these is bad" }));
        }
        braze(kept, seen)
    });
    let world = world(&fake);
    let id = |n: i64| format!("11111111-2222-3333-4444-{n:012}");
    let events: Vec<Event> =
        (0..50).map(|n| subscribe(&id(n), START, START, &format!("{n}@example.org"), None)).collect();
    assert_eq!(deliver_all(&mut world.sink(), &events), [18]);
    assert_eq!(fake.with(|kept| kept.every_id.len()), 49, "each of the others once");
    assert!(fake.requests().len() < 30, "{}", fake.requests().len());
}

#[test]
fn an_answer_that_accounts_for_fewer_objects_than_were_sent_is_a_hold_and_a_doubt() {
    let fake = Fake::new(braze);
    let world = world(&fake);
    let mut sink = world.connected();
    for act in [
        Act::json(200, &json!({ "message": "success" })),
        Act::Answer(200, Vec::new(), "<html>welcome</html>".into()),
        Act::json(207, &json!({ "message": "success", "events_processed": 1 })),
    ] {
        fake.next([act]);
        let told = held(sink.deliver(&made(&[joined(FIRST, START, "ann@example.org", "footy")], 1)));
        assert!(told.contains("accounts for"), "{told}");
        sink.reconnect().unwrap();
    }
    assert_eq!(world.doubts(), [1, 1, 1]);
    sink.deliver(&made(&[joined(FIRST, START, "ann@example.org", "footy")], 1)).unwrap();
}

#[test]
fn old_events_write_state_and_trigger_nothing() {
    let fake = Fake::new(braze);
    let keys = json!({ "identify": ["email_address"], "stale_after": "1h" });
    let world = World::new("braze", &fake, &keys);
    world.connected().deliver(&made(&[joined(FIRST, START, "ann@example.org", "footy")], 1)).unwrap();
    assert_eq!(of(&fake, "ann@example.org", "rokt:subscription_id"), [FIRST]);
    assert!(fake.with(|kept| kept.events.is_empty()));
}
