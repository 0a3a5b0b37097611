//! What a sink must not see is in no record, key or header of it; a sink beside it sees everything.

use std::{collections::BTreeSet, fs, path::Path};

use kalends_tests::{Installation, config, files, kafka::Broker, tree};

use crate::expected_records::topics;

/// What every planted value begins with.
const MARK: &str = "planted-";

/// Rules that drop every class.
const DROP: &str = "privacy: { classes: { email: drop, external_id: drop, ip_address: drop, user_agent: drop, \
                    post_code: drop, free_text: drop } }";

/// Bodies with a value of its own at every place that an `@` marks here.
fn bodies() -> Vec<String> {
    let known = r#""calendarSubscriptionId":"s-1","calendarTitle":"t","emailAddress":"@","subscriberExternalId":"@",
        "enteredPostCode":"@","remoteIpAddress":"@","userAgent":"@","unsubscribeReasonText":"@","isMarketingAllowed":"@",
        "calendarTags":[{"tagId":"1","tagText":{"@":"@"},"@":"@"},"@"],"timeZoneTag":{"@":"@"},"createdDateTimeUtc":"@",
        "@":{"deep":["@"]},"emailAddress":"@","EMAILADDRESS":"@""#;
    let details = format!(
        r#"{{"subscription":{{{known}}},"subscriptionEvent":{{"eventId":"p-1","reminderMinutes":"@","startDateTime":"@","@":"@"}},
        "actionType":["@"],"@":"@"}}"#
    );
    let event = |number: usize, kind: &str, details: &str| {
        let id = format!("00000000-0000-4000-8000-{number:012}");
        format!(r#"{{"eventId":"{id}","eventType":"{kind}","eventDetails":{details},"@":"@"}}"#)
    };
    let types = ["Subscribe", "Unsubscribe", "SubscriptionDetailsUpdated", "@", "TEST"];
    let events = ["Added", "Updated", "Removed", "Deleted"].map(|what| format!("SubscriptionEvent{what}"));
    let types = types.into_iter().chain(events.iter().map(String::as_str));
    let mut bodies: Vec<_> = types.enumerate().map(|(at, kind)| event(at, kind, &details)).collect();
    // One that a topic of small records refuses.
    let long = (0..2000).map(|n| n.to_string()).collect::<Vec<_>>().join(" ");
    bodies.push(event(100, "Subscribe", &details.replace(r#""t""#, &format!("{long:?}"))));
    bodies.extend([
        r#"{"eventId":"@","eventType":"@","email":"@""#.to_owned(),
        r#"{"eventId":"@","eventType":"@","eventDetails":"@"}"#.to_owned(),
        format!(
            r#"{{"eventId":"@","eventType":"@","eventDetails":{}"@"{}}}"#,
            "[".repeat(200),
            "]".repeat(200)
        ),
    ]);
    let mut number = 1000..9999;
    let mut value = |part: &str| format!("{part}{MARK}{}", number.next().unwrap_or_default());
    let plant = |body: &String| {
        let (before, last) = body.rsplit_once('@').unwrap_or(("", body));
        before.split('@').map(&mut value).collect::<String>() + last
    };
    bodies.iter().map(plant).collect()
}

/// The planted values in a text.
fn planted(text: &str) -> BTreeSet<String> {
    text.split(MARK).skip(1).filter_map(|rest| rest.get(..4)).map(str::to_owned).collect()
}

/// All bytes of all files under a folder, names included.
fn bytes_under(folder: &Path) -> String {
    let all = tree::files_under(folder)
        .unwrap()
        .into_iter()
        .map(|file| file.display().to_string() + &String::from_utf8_lossy(&fs::read(&file).unwrap()));
    all.collect()
}

#[test]
fn no_planted_value_reaches_the_files_of_a_sink_that_drops_them() {
    let strict =
        format!("  strict: {{ kind: files, directory: ./strict, roll_every: 1s, codec: none, {DROP} }}\n");
    let configuration =
        config::files().replace("roll_every: 1s }", "roll_every: 1s, codec: none }") + &strict;
    let installation = Installation::new(&configuration).unwrap();
    let daemon = installation.start().unwrap();
    for body in bodies() {
        assert_eq!(daemon.post(&body).unwrap().status, 200);
    }
    daemon.wait_until_delivered(&["files", "strict"]).unwrap();

    let sent = planted(&bodies().concat());
    assert_eq!(planted(&bytes_under(&installation.path("events"))), sent, "one sink sees everything");
    assert_eq!(planted(&bytes_under(&installation.path("strict"))), BTreeSet::new());
    let records = files::records_under(&installation.path("strict")).unwrap();
    assert_eq!(records.len(), bodies().len(), "values are withheld, never events");
    assert_eq!(planted(&daemon.log().unwrap()), BTreeSet::new());
}

#[test]
fn no_planted_value_reaches_a_topic_of_a_sink_that_drops_them() {
    let Some(broker) = Broker::start("privacy").unwrap() else { return };
    broker.create_topic("rokt.calendar.subscribe", &[("max.message.bytes", "4000")]).unwrap();
    let rules = format!("kind: kafka, {DROP}, ");
    let configuration = config::kafka(broker.bootstrap()).replace("kind: kafka, ", &rules);
    let installation = Installation::new(&configuration).unwrap();
    let daemon = installation.start().unwrap();
    let trace = format!("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-{MARK}trace");
    for body in bodies() {
        let headers = [("traceparent", trace.as_str()), ("tracestate", "a=planted-9999")];
        assert_eq!(daemon.send("POST", config::PATH, &headers, body.as_bytes()).unwrap().status, 200);
    }
    daemon.wait_until_delivered(&["kafka"]).unwrap();

    let topics = topics().map(|topic| broker.committed(&topic).unwrap());
    for message in topics.iter().flatten() {
        let shown = format!("{message:?} {}", String::from_utf8_lossy(&message.value));
        assert!(!shown.contains(MARK), "{shown}");
    }
    assert_eq!(topics.iter().flatten().count(), bodies().len(), "values are withheld, never events");
    let reason = |message: &kalends_tests::kafka::Message| {
        message.header("__connect.errors.exception.class.name").map(str::to_owned)
    };
    let reasons: BTreeSet<_> = topics.iter().flatten().filter_map(reason).collect();
    let all = ["invalid-json", "not-an-event", "too-deep", "too-large"];
    assert_eq!(reasons, all.map(str::to_owned).into());
}

fn subscribe(id: u32, allowed: &str) -> String {
    format!(
        r#"{{"eventId":"{id}","eventType":"Subscribe","eventDetails":{{"subscription":
        {{"emailAddress":"a@example.org","isMarketingAllowed":{allowed}}}}}}}"#
    )
}

fn emails(installation: &Installation) -> Vec<Option<String>> {
    let mut records = installation.records().unwrap();
    records.sort_by_key(|record| record.number("journal_position"));
    records.iter().map(|record| record.text("email_address").map(str::to_owned)).collect()
}

#[test]
fn a_hash_is_the_same_after_a_restart_and_another_with_another_key() {
    let rules = "roll_every: 1s, privacy: { classes: { email: hash }, key: { file: ./key } }";
    let installation = Installation::new(&config::files().replace("roll_every: 1s", rules)).unwrap();
    for (id, key) in (1..).zip(["one\n", "one", "two"]) {
        fs::write(installation.path("key"), key).unwrap();
        let daemon = installation.start().unwrap();
        daemon.post(subscribe(id, "true")).unwrap();
        daemon.wait_until_delivered(&["files"]).unwrap();
        daemon.terminate().unwrap();
    }
    // As `printf %s a@example.org | openssl dgst -sha256 -hmac one` has it.
    let one = "51e781d45919978d595f689b9d5a0fd7cfd82901f220aa9b131bd0fcacf8bb46";
    let emails = emails(&installation);
    assert_eq!(emails[..2], [Some(one.to_owned()), Some(one.to_owned())]);
    assert!(emails[2].as_ref().is_some_and(|two| two.len() == 64 && two != one), "{emails:?}");
}

#[test]
fn consent_decides_over_values_and_never_over_events() {
    let rules = "roll_every: 1s, privacy: { consent: marketing }";
    let installation = Installation::new(&config::files().replace("roll_every: 1s", rules)).unwrap();
    let daemon = installation.start().unwrap();
    let unsubscribe = subscribe(4, "false").replace("Subscribe", "Unsubscribe");
    for body in [subscribe(1, "true"), subscribe(2, "false"), subscribe(3, "null"), unsubscribe] {
        daemon.post(body).unwrap();
    }
    daemon.wait_until_delivered(&["files"]).unwrap();
    assert_eq!(emails(&installation), [Some("a@example.org".to_owned()), None, None, None]);
    let topics: BTreeSet<_> = installation.records().unwrap().into_iter().map(|r| r.topic).collect();
    assert!(topics.contains("rokt.calendar.unsubscribe"), "{topics:?}");
}
