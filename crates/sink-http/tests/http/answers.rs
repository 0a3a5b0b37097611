//! Every class of answer.

use std::time::{Duration, Instant};

use kalends_sink::Failure;
use serde_json::json;

use crate::{
    events::{Event, START, subscribe},
    fake::{Act, Fake, plain, webhook},
    world::{Deliver, World, at, held, made, retried},
};

fn one() -> Vec<Event> {
    vec![subscribe("s", START, START, "ann@example.org", None)]
}

#[test]
fn answers_that_somebody_has_to_act_on_are_holds_and_nothing_becomes_a_dead_letter() {
    let fake = Fake::new(webhook);
    let world =
        World::new("webhook", &fake, &json!({ "url": format!("{}/secret/path?q=secret", fake.url()) }));
    let mut sink = world.connected();
    for (status, body, words) in [
        (301, "", "redirects"),
        (307, "", "redirects"),
        (401, "", "token"),
        (402, "", "paid"),
        (403, "<html>blocked</html>", "gateway"),
        (403, "{}", "right"),
        (404, "", "check url"),
        (405, "", "check url"),
        (407, "", "proxy"),
        (410, "", "gone"),
        (418, "", "not known here"),
        (501, "", "check url"),
    ] {
        fake.next([Act::Answer(
            status,
            vec![("location".into(), "http://127.0.0.1:1/".into())],
            body.into(),
        )]);
        let told = held(sink.deliver(&made(&one(), 1)));
        assert!(told.contains(words) && told.contains(&status.to_string()), "{told}");
        assert!(!told.contains("secret"), "{told}");
        sink.reconnect().unwrap();
    }
    assert!(world.doubts().is_empty(), "none of these can have been taken");
    sink.deliver(&made(&one(), 1)).unwrap();
    assert_eq!(sink.reconnect().unwrap(), Some(at(1)));
}

#[test]
fn answers_that_may_pass_are_tried_again_and_named_where_the_event_may_have_been_taken() {
    let fake = Fake::new(webhook);
    let world = World::new("webhook", &fake, &json!({}));
    let mut sink = world.connected();
    for (act, is_doubt) in [
        (Act::status(500), true),
        (Act::status(503), true),
        (Act::status(408), true),
        (Act::status(425), false),
        (Act::Close, true),
        (Act::TakeAndClose, true),
    ] {
        fake.next([act.clone()]);
        let before = world.doubts().len();
        retried(sink.deliver(&made(&one(), 1)));
        assert_eq!(world.doubts().len() - before, usize::from(is_doubt), "{act:?}");
        sink.reconnect().unwrap();
    }
    sink.deliver(&made(&one(), 1)).unwrap();
    assert_eq!(fake.with(|kept| (kept.ids.len(), kept.every_id.len())), (1, 2));
}

#[test]
fn a_status_of_success_is_an_answer_though_its_body_breaks_off_or_has_no_end() {
    let fake = Fake::new(webhook);
    let world = World::new("webhook", &fake, &json!({}));
    let mut sink = world.connected();
    fake.next([Act::TakeAndBreakOff, Act::TakeEndless]);
    sink.deliver(&made(&one(), 1)).unwrap();
    sink.deliver(&made(&one(), 2)).unwrap();
    assert_eq!(fake.with(|kept| kept.every_id.len()), 2);
}

#[test]
fn a_refused_event_is_named_with_the_destination_s_words_and_without_its_own() {
    let fake = Fake::new(plain);
    let world = World::new("none", &fake, &json!({ "map": { "who": "email_address" } }));
    let mut sink = world.connected();
    for (status, reason) in [(400, "rejected-by-sink"), (422, "rejected-by-sink"), (413, "too-large")] {
        fake.next([Act::json(status, &json!({ "message": "ann@example.org is bad" }))]);
        match sink.deliver(&made(&one(), 1)) {
            Err(Failure::Data { position: 1, reason: told, message }) => {
                assert_eq!(told, reason);
                assert!(!message.contains("ann@"), "{message}");
            }
            other => panic!("{status}: {other:?}"),
        }
        sink.reconnect().unwrap();
    }
    fake.next([Act::status(409), Act::status(409)]);
    sink.deliver(&made(&one(), 1)).unwrap();
    fake.next([Act::status(409), Act::status(409), Act::status(409)]);
    assert!(matches!(sink.deliver(&made(&one(), 2)), Err(Failure::Data { position: 2, .. })));
}

#[test]
fn a_destination_that_wants_fewer_requests_is_waited_for_and_that_is_no_error() {
    let fake = Fake::new(webhook);
    let world = World::new("webhook", &fake, &json!({}));
    let mut sink = world.connected();
    fake.next([Act::with_header(429, "Retry-After", "1"), Act::with_header(503, "retry-after", "1")]);
    let begun = Instant::now();
    sink.deliver(&made(&one(), 1)).unwrap();
    assert!(begun.elapsed() >= Duration::from_secs(2));
    assert!(world.doubts().is_empty());
    fake.next([Act::with_header(429, "X-Ratelimit-Retry-After", "3600")]);
    let told = retried(sink.deliver(&made(&one(), 2)));
    assert!(told.contains("takes no more requests for now"), "{told}");
    let requests = fake.requests().len();
    sink.reconnect().unwrap();
    retried(sink.deliver(&made(&one(), 2)));
    assert_eq!(fake.requests().len(), requests, "it is left alone");
}

#[test]
fn nobody_there_is_a_retry_that_names_no_path_and_leaves_no_doubt() {
    let fake = Fake::new(webhook);
    let world = World::new("webhook", &fake, &json!({ "url": "http://127.0.0.1:1/secret?x=secret" }));
    let told = retried(world.connected().deliver(&made(&one(), 1)));
    assert!(told.contains("can't be reached") && !told.contains("secret"), "{told}");
    assert!(world.doubts().is_empty());
}
