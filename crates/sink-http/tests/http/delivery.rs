//! Rounds, what is noted of them, and what is remembered of subscriptions.

use kalends_sink::{Failure, SinkDefinition};
use kalends_sink_http::Http;
use serde_json::json;

use crate::{
    braze::braze,
    events::{DAY, Event, HOUR, START, subscribe, unsubscribe, update},
    fake::{Act, Fake, webhook},
    world::{Deliver, JOURNAL, World, at, deliver_all, made, retried, settings, streams},
};

fn people(count: usize) -> Vec<Event> {
    (0..count)
        .map(|n| subscribe(&format!("s-{n}"), START, START, &format!("{n}@example.org"), None))
        .collect()
}

#[test]
fn an_event_is_signed_and_has_the_record_in_it() {
    let fake = Fake::new(webhook);
    let world = World::new("webhook", &fake, &json!({ "url": format!("{}/hooks/secret?x=1", fake.url()) }));
    world.connected().deliver(&made(&people(1), 1)).unwrap();
    let [request] = fake.requests().try_into().unwrap();
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/hooks/secret?x=1"));
    assert_eq!(request.headers["webhook-id"], "07070707070707070707070707070707-0-1");
    assert!(request.headers["webhook-signature"].starts_with("v1,"));
    let body = request.json();
    assert_eq!(body["type"], "rokt.calendar.Subscribe");
    assert_eq!(body["timestamp"], "2026-01-01T00:00:00Z");
    assert_eq!(body["data"]["email_address"], "0@example.org");
    assert_eq!(body["data"]["journal_position"], 1);
    assert!(body["data"].as_object().unwrap().contains_key("utm_source"), "null is told too");
}

#[test]
fn explain_shows_the_request_that_is_sent_and_no_secret() {
    let fake = Fake::new(braze);
    let keys = json!({ "identify": ["email_address"], "url": format!("{}/users/track", fake.url()) });
    let world = World::new("braze", &fake, &keys);
    let records = made(&people(1), 1);
    world.connected().deliver(&records).unwrap();
    let record = records[0].record();
    let explained =
        Http::explain(Some(("crm", &settings(&world.settings))), JOURNAL, &streams()[record.stream], &record);
    let of = |name: &str| explained.written.iter().find(|(known, _)| *known == name).unwrap().1.clone();
    assert_eq!(of("body").as_bytes(), fake.requests()[0].body);
    assert_eq!(of("request"), format!("POST {}/users/track", fake.url()));
    assert!(explained.headers.contains(&("authorization".into(), "Bearer (masked)".into())));
    assert!(!format!("{explained:?}").contains("whsec_"));
}

#[test]
fn requests_go_out_together_but_never_two_of_one_key() {
    let fake = Fake::new(webhook);
    fake.allow(1e6, std::time::Duration::from_millis(30));
    let world = World::new("webhook", &fake, &json!({ "in_flight": 4 }));
    let events: Vec<Event> = (0..24)
        .map(|n| subscribe(&format!("s-{}", n % 6), START + n, START + n, &format!("{n}@example.org"), None))
        .collect();
    world.connected().deliver(&made(&events, 1)).unwrap();
    assert!((2..=4).contains(&fake.most_at_once()), "{}", fake.most_at_once());
    let positions: Vec<u64> = fake
        .requests()
        .iter()
        .map(|request| request.json()["data"]["journal_position"].as_u64().unwrap())
        .collect();
    for key in 0..6 {
        let of_key: Vec<&u64> = positions.iter().filter(|position| (**position - 1) % 6 == key).collect();
        assert!(of_key.is_sorted() && of_key.len() == 4, "{positions:?}");
    }
}

#[test]
fn what_was_answered_is_not_sent_again_when_another_request_fails() {
    let fake = Fake::new(webhook);
    let world = World::new("webhook", &fake, &json!({ "in_flight": 1 }));
    let mut sink = world.connected();
    fake.next([Act::Take, Act::status(500)]);
    let told = retried(sink.deliver(&made(&people(3), 1)));
    assert!(told.contains("has failed (500)"), "{told}");
    drop(sink);
    let mut sink = world.connected();
    sink.deliver(&made(&people(3), 1)).unwrap();
    assert_eq!(fake.requests().len(), 4, "one of three was sent twice");
    assert_eq!(world.doubts(), [2], "and that one is named");
    assert_eq!(sink.reconnect().unwrap(), Some(at(3)));
}

#[test]
fn a_process_that_died_in_a_round_names_all_of_it_and_sends_it_first() {
    let fake = Fake::new(webhook);
    let world = World::new("webhook", &fake, &json!({}));
    drop(world.connected());
    // As the note stands while a round is under way.
    let round = |position: u64| json!({ "position": position, "record": "Subscribe", "hash": 1 });
    let note = json!({ "version": 1, "journals": { "07070707070707070707070707070707": {
        "checkpoint": at(1), "answered": [3], "round": { "items": [round(2), round(3), round(4)] },
    }}});
    std::fs::write(world.notes().join("crm.http.json"), note.to_string()).unwrap();
    let mut sink = world.sink();
    assert_eq!(sink.reconnect().unwrap(), Some(at(1)));
    assert_eq!(world.doubts(), [2, 4]);
    sink.deliver(&made(&people(5), 2)).unwrap();
    let mut sent: Vec<String> =
        fake.requests().iter().map(|request| request.headers["webhook-id"].clone()).collect();
    sent[..2].sort();
    sent[2..].sort();
    let ends: Vec<&str> = sent.iter().map(|id| id.rsplit('-').next().unwrap()).collect();
    assert_eq!(ends, ["2", "4", "5", "6"]);
    assert!(world.count("kalends_http_sink_changed_total", &[]) > 0.0, "the hashes were others");
    drop(sink);
    drop(world.connected());
    assert_eq!(world.doubts(), [2, 4], "named once");
}

#[test]
fn a_refused_event_costs_none_of_its_neighbours_and_is_kept() {
    let fake = Fake::new(webhook);
    fake.refuse("5@example.org");
    let world = World::new("webhook", &fake, &json!({ "in_flight": 3 }));
    let letters = deliver_all(&mut world.sink(), &people(9));
    assert_eq!(letters, [6]);
    assert_eq!(fake.with(|kept| kept.every_id.len()), 8, "each of the others once");
    let kept: Vec<_> = std::fs::read_dir(world.notes().join("crm.dead-letter-files")).unwrap().collect();
    assert_eq!(kept.len(), 1);
    assert!(!world.notes().join("crm.dead-letters").exists(), "delivery's own note has this name");
    assert!(world.doubts().is_empty());
}

#[test]
fn a_subscribe_that_comes_after_its_unsubscribe_subscribes_nobody() {
    let fake = Fake::new(webhook);
    let world = World::new("webhook", &fake, &json!({}));
    let events = [
        unsubscribe("s", Some(START + HOUR), START + HOUR),
        subscribe("s", START, START + 2 * HOUR, "a@example.org", None),
        update("s", START + 3 * HOUR, "a@example.org", None),
        subscribe("s", START + 4 * HOUR, START + 4 * HOUR, "a@example.org", None),
    ];
    let mut sink = world.sink();
    for (index, event) in events.iter().enumerate() {
        drop(sink);
        sink = world.connected();
        sink.deliver(&made(std::slice::from_ref(event), u64::try_from(index).unwrap() + 1)).unwrap();
    }
    let kinds = fake.with(|kept| kept.events.iter().map(|(_, kind)| kind.clone()).collect::<Vec<_>>());
    assert_eq!(kinds, ["rokt.calendar.Unsubscribe", "rokt.calendar.Subscribe"]);
    let superseded = |record: &str| world.count("kalends_http_sink_events_total", &[record, "superseded"]);
    assert!((superseded("Subscribe") - 1.0).abs() < 0.1);
    assert!((superseded("SubscriptionDetailsUpdated") - 1.0).abs() < 0.1);
}

#[test]
fn stale_events_trigger_nothing_and_others_are_sent_only_when_named() {
    let fake = Fake::new(webhook);
    let world = World::new("webhook", &fake, &json!({ "stale_after": "1h" }));
    let test = Event::new("Test", "s", START, &json!({}));
    world.connected().deliver(&made(&[people(1).remove(0), test.clone()], 1)).unwrap();
    assert!(fake.requests().is_empty(), "these events are of January 2026");
    let world = World::new("webhook", &fake, &json!({ "events": { "Test": "tested" } }));
    world.connected().deliver(&made(&[test], 1)).unwrap();
    assert_eq!(fake.requests()[0].json()["type"], "tested");
}

#[test]
fn without_send_everything_is_made_and_nothing_is_sent() {
    let fake = Fake::new(webhook);
    let world = World::new("webhook", &fake, &json!({ "send": false }));
    let mut sink = world.connected();
    sink.deliver(&made(&people(3), 1)).unwrap();
    assert!(fake.requests().is_empty());
    assert_eq!(sink.reconnect().unwrap(), Some(at(3)));
    assert!((world.count("kalends_http_sink_events_total", &["sent"]) - 3.0).abs() < 0.1);
}

#[test]
fn going_back_sends_again_what_was_answered() {
    let fake = Fake::new(webhook);
    let world = World::new("webhook", &fake, &json!({}));
    let mut sink = world.connected();
    sink.deliver(&made(&people(3), 1)).unwrap();
    sink.do_without_checkpoint();
    assert_eq!(sink.reconnect().unwrap(), Some(at(3)));
    sink.commit(at(1)).unwrap();
    sink.deliver(&made(&people(2), 2)).unwrap();
    assert_eq!(fake.with(|kept| kept.every_id.len()), 5);
}

#[test]
fn notes_that_can_not_be_written_keep_everything_from_being_sent() {
    let fake = Fake::new(webhook);
    let world = World::new("webhook", &fake, &json!({}));
    let mut sink = world.connected();
    std::fs::create_dir(world.notes().join("crm.http.json.tmp")).unwrap();
    assert!(retried(sink.deliver(&made(&people(1), 1))).contains("can't write"));
    assert!(fake.requests().is_empty());
    std::fs::remove_dir(world.notes().join("crm.http.json.tmp")).unwrap();
    sink.reconnect().unwrap();
    sink.deliver(&made(&people(1), 1)).unwrap();
    assert_eq!(fake.requests().len(), 1);
}

#[test]
fn a_note_that_is_damaged_is_a_hold_until_somebody_says_where_to_go_on() {
    let fake = Fake::new(webhook);
    let world = World::new("webhook", &fake, &json!({}));
    drop(world.connected());
    std::fs::write(world.notes().join("crm.http.json"), "{").unwrap();
    let mut sink = world.sink();
    assert!(matches!(sink.reconnect(), Err(Failure::Hold { .. })));
    sink.do_without_checkpoint();
    assert_eq!(sink.reconnect().unwrap(), None);
    sink.commit(at(DAY.unsigned_abs())).unwrap();
}

#[test]
fn a_replay_sends_beside_live_delivery_under_the_same_ids() {
    let fake = Fake::new(webhook);
    let world = World::new("webhook", &fake, &json!({}));
    let mut sink = world.connected();
    sink.deliver(&made(&people(2), 1)).unwrap();
    let mut replay = world.sink_for(Some("r1"));
    assert_eq!(replay.reconnect().unwrap(), None);
    replay.deliver(&made(&people(2), 1)).unwrap();
    assert_eq!(fake.with(|kept| (kept.ids.len(), kept.every_id.len())), (2, 4));
    drop(replay);
    assert_eq!(world.sink_for(Some("r1")).reconnect().unwrap(), Some(at(2)), "it goes on where it was");
    assert_eq!(world.sink_for(Some("r2")).reconnect().unwrap(), None);
    assert_eq!(sink.reconnect().unwrap(), Some(at(2)));
}
