//! Nothing planted in a body slips out at a sink that must not see it.

use std::collections::{BTreeMap, BTreeSet};

use kalends_delivery::{
    SinkSettings,
    privacy::{Consent, Key, Rules, Treatment},
};
use kalends_normalise::Personal;

use crate::{
    memory_sink::{Kept, Memory},
    world::{World, append, eventually, sink},
};

/// What every planted value begins with.
const MARK: &str = "planted-";

/// Bodies with a planted value in every place, each value another one.
fn bodies() -> Vec<String> {
    let id = |n: u32| format!("00000000-0000-4000-8000-{n:012}");
    let known = r#""calendarSubscriptionId":"s-1","calendarTitle":"t","emailAddress":"@","subscriberExternalId":"@","enteredPostCode":"@",
        "remoteIpAddress":"@","userAgent":"@","isMarketingAllowed":"@","tags":[{"id":"1","text":"t","@":"@"},"@"],"@":"@",
        "unknown":{"deep":["@"]}"#;
    let details = format!(
        r#"{{"subscription":{{{known},"emailAddress":"@"}},"subscriptionEvent":{{"eventId":"p-1","more":"@"}},"more":"@"}}"#
    );
    let whole = |n: u32, kind: &str, details: &str| {
        format!(
            r#"{{"eventId":"{}","eventType":"{kind}","eventDetails":{details},"more":"@","more":"@"}}"#,
            id(n)
        )
    };
    let mut bodies: Vec<String> = ["Subscribe", "Unsubscribe", "SubscriptionDetailsUpdated"]
        .map(|kind| (kind, 1))
        .into_iter()
        .chain(["Added", "Updated", "Removed", "Deleted"].map(|kind| (kind, 2)))
        .zip(1..)
        .map(|((kind, family), n)| {
            let kind = if family == 1 { kind.to_owned() } else { format!("SubscriptionEvent{kind}") };
            whole(n, &kind, &details)
        })
        .collect();
    bodies.extend([
        whole(10, "Test", r#"{"message":"@"}"#),
        whole(11, "@", &details),
        whole(12, "Unsubscribe", r#"{"subscription":{"unsubscribeReasonText":"@"}}"#),
        // Too large for the sink, known and unknown.
        whole(13, "Subscribe", &details.replace("\"t\"", &format!("\"{}\"", "x".repeat(9000)))),
        whole(14, "@", &details.replace("\"t\"", &format!("\"{}\"", "x".repeat(9000)))),
        // Dead letters: no JSON, no event, too deep, too large; ids and types made up.
        r#"{"eventId":"@","eventType":"@","email":"@""#.to_owned(),
        r#"{"eventId":"@","eventType":"@","eventDetails":"@"}"#.to_owned(),
        r#"{"eventId":["@"],"eventType":"@","eventDetails":{}}"#.to_owned(),
        format!(
            r#"{{"eventId":"@","eventType":"@","eventDetails":{}"@"{}}}"#,
            "[".repeat(200),
            "]".repeat(200)
        ),
        format!(r#"{{"eventId":"@","email":"@","pad":"{}"}}"#, "x".repeat(9000)),
    ]);
    bodies.iter().enumerate().map(|(at, body)| plant(body, at)).collect()
}

/// Puts a value of its own at each `@`.
fn plant(body: &str, at: usize) -> String {
    let mut number = 0..;
    let value = |part: &str| format!("{MARK}{at}.{}@x.{part}", number.next().unwrap_or(0));
    let (first, rest) = body.split_once('@').unwrap_or((body, ""));
    first.to_owned() + &rest.split('@').map(value).collect::<String>()
}

/// Everything of a record that leaves, as text.
fn shown(kept: &Kept) -> String {
    format!("{kept:?} {}", String::from_utf8_lossy(&kept.datum))
}

fn planted(text: &str) -> BTreeSet<String> {
    let digits = |c: char| c.is_ascii_digit() || c == '.';
    text.split(MARK).skip(1).map(|rest| rest.chars().take_while(|&c| digits(c)).collect()).collect()
}

fn drop_all() -> Rules {
    Rules { classes: Personal::ALL.map(|class| (class, Treatment::Drop)).into(), ..Rules::default() }
}

/// What sinks with these rules get of the bodies; none takes records of more than `most` bytes.
fn deliver<const N: usize>(rules: [Rules; N], most: usize, bodies: &[String]) -> [Vec<Kept>; N] {
    let (world, memories) = (World::new(), rules.clone().map(|_| Memory::default()));
    let sinks = rules.into_iter().zip(&memories).zip(0..).map(|((privacy, memory), n)| {
        memory.store().most_bytes = Some(most);
        SinkSettings { privacy, ..sink(&format!("sink{n}"), memory) }
    });
    let running = world.run(sinks.collect());
    append(&running.journal, bodies.iter().cloned());
    eventually("all bodies at every sink", || memories.iter().all(|m| m.positions().len() >= bodies.len()));
    running.stop();
    memories.map(|memory| memory.store().kept.clone())
}

#[test]
fn no_planted_value_leaves_at_a_sink_that_drops_them_and_every_one_at_a_sink_that_keeps_them() {
    let bodies = bodies();
    let consent = Rules { consent: Consent::Marketing, ..Rules::default() };
    let [strict, unwilling, open] = deliver([drop_all(), consent, Rules::default()], 1 << 20, &bodies);
    for (kept, body) in open.iter().zip(&bodies) {
        assert_eq!(planted(body).difference(&planted(&shown(kept))).collect::<Vec<_>>(), [""; 0], "{body}");
    }
    for records in [strict, unwilling] {
        assert_eq!(records.len(), bodies.len(), "values are withheld, never events");
        for kept in records {
            assert!(!shown(&kept).contains(MARK), "{}", shown(&kept));
        }
    }
}

#[test]
fn what_a_sink_refuses_as_too_large_takes_no_planted_value_along() {
    let bodies = bodies();
    let [strict, open] = deliver([drop_all(), Rules::default()], 4000, &bodies);
    let large = |kept: &&Kept| kept.reason.as_deref() == Some("too-large");
    assert_eq!(
        strict.iter().filter(large).count(),
        1,
        "the title of a Subscribe; the rest shrinks by its privacy"
    );
    assert!(open.iter().filter(large).count() > 1);
    for kept in strict {
        assert!(!shown(&kept).contains(MARK), "{}", shown(&kept));
    }
}

#[test]
fn a_hash_is_the_same_after_a_restart_and_another_with_another_key() {
    let body = r#"{"eventId":"e-1","eventType":"Subscribe","eventDetails":{"subscription":{"emailAddress":"a@example.org"}}}"#;
    let hashing = |key: &str| Rules {
        classes: BTreeMap::from([(Personal::Email, Treatment::Hash)]),
        key: Some(Key::new(key)),
        ..Rules::default()
    };
    let run = || deliver([hashing("one"), hashing("two")], 1 << 20, &[body.to_owned()]);
    let ([first, other], [again, _]) = (run(), run());
    // As `printf %s a@example.org | openssl dgst -sha256 -hmac one` has it.
    let digest = "51e781d45919978d595f689b9d5a0fd7cfd82901f220aa9b131bd0fcacf8bb46";
    assert!(shown(&first[0]).contains(digest) && shown(&again[0]).contains(digest));
    assert!(!shown(&other[0]).contains(digest) && !shown(&other[0]).contains("example.org"));
}
