//! The schema registry goes away, and comes back as another.

use std::{collections::BTreeSet, fs};

use kalends_tests::{
    Daemon, Installation, config, kafka::Broker, load::Load, own_schema, registry::Registry, wait::wait_until,
};
use serde_json::json;

const TOPICS: [&str; 3] =
    ["rokt.calendar.subscribe", "rokt.calendar.unsubscribe", "rokt.calendar.subscription-details-updated"];

fn register(installation: &Installation) {
    let registered = installation.run(["schemas", "register", "-c", "kalends.yaml"]).unwrap();
    assert!(registered.status.success(), "{}", String::from_utf8_lossy(&registered.stderr));
}

/// The ids of the events in Kafka, each of which is there once, and the schema ids before their datums.
fn delivered(broker: &Broker) -> (BTreeSet<String>, BTreeSet<[u8; 5]>) {
    let (mut events, mut frames) = (BTreeSet::new(), BTreeSet::new());
    for message in TOPICS.iter().flat_map(|topic| broker.committed(topic).unwrap()) {
        let id = message.header("ce_id").unwrap().to_owned();
        assert!(events.insert(id), "twice: {message:?}");
        frames.insert(message.value[..5].try_into().unwrap());
    }
    (events, frames)
}

fn load(name: &str, daemon: &Daemon) -> BTreeSet<String> {
    let outcome = Load::start(name, daemon.public(), 4, 300).finish().unwrap();
    assert!(outcome.unknown.is_empty(), "{:?}", outcome.unknown);
    outcome.acknowledged
}

#[test]
fn a_registry_that_is_gone_for_a_whole_run_stops_what_it_has_never_told_and_nothing_else() {
    let Some(broker) = Broker::start("gone").unwrap() else { return };
    let Some(registry) = Registry::start("gone").unwrap() else { return };
    let configuration = config::kafka_with_registry(broker.bootstrap(), registry.url(), "", "");
    let installation = Installation::new(&configuration).unwrap();
    register(&installation);
    let daemon = installation.start().unwrap();
    let mut sent = load("before", &daemon);
    daemon.wait_until_delivered(&["kafka"]).unwrap();
    daemon.kill().unwrap();

    registry.kill().unwrap();
    let daemon = installation.start().unwrap();
    sent.extend(load("without", &daemon));
    daemon.wait_until_delivered(&["kafka"]).unwrap();
    let metrics = daemon.metrics().unwrap();
    assert_eq!(metrics.value("kalends_kafka_registry_unverified_ids{sink=\"kafka\"}"), Some(10.0));
    assert_eq!(daemon.terminate().unwrap().code(), Some(0));
    let (events, frames) = delivered(&broker);
    assert_eq!(events, sent);
    assert_eq!(frames.len(), TOPICS.len(), "the ids are those of before: {frames:?}");

    fs::create_dir(installation.path("schemas")).unwrap();
    fs::write(
        installation.path("schemas/paused.avsc"),
        own_schema::subscription_paused().unwrap().to_string(),
    )
    .unwrap();
    installation.configure(&format!("{configuration}schemas: {{ directory: ./schemas }}\n")).unwrap();
    let daemon = installation.start().unwrap();
    sent.extend(load("unknown", &daemon));
    let paused = r#"{"eventId":"p-1","eventType":"SubscriptionPaused","eventDetails":{}}"#;
    assert_eq!(daemon.post(paused).unwrap().status, 200);
    let status = daemon.wait_until_on_hold("kafka").unwrap();
    assert!(status.contains("subscription-paused-value") && !status.contains("subscribe-value"), "{status}");
    registry.restart().unwrap();
    register(&installation);
    daemon.wait_until_delivered(&["kafka"]).unwrap();
    assert_eq!(delivered(&broker).0, sent);
    assert_eq!(broker.committed("rokt.calendar.subscription-paused").unwrap().len(), 1);
    assert_eq!(broker.committed("rokt.calendar.dead-letter").unwrap(), []);
}

#[test]
fn a_registry_that_was_rebuilt_is_a_hold_until_somebody_says_that_it_is_meant() {
    let Some(broker) = Broker::start("rebuilt").unwrap() else { return };
    let Some(registry) = Registry::start("rebuilt").unwrap() else { return };
    let configuration =
        config::kafka_with_registry(broker.bootstrap(), registry.url(), "auto_register: true", "");
    let installation = Installation::new(&configuration).unwrap();
    let daemon = installation.start().unwrap();
    let mut sent = load("before", &daemon);
    daemon.wait_until_delivered(&["kafka"]).unwrap();
    assert_eq!(daemon.terminate().unwrap().code(), Some(0));

    registry.rebuild().unwrap();
    registry.register("somebody-elses", &json!("string")).unwrap();
    let daemon = installation.start().unwrap();
    sent.extend(load("rebuilt", &daemon));
    let status = daemon.wait_until_on_hold("kafka").unwrap();
    assert!(status.contains("not what it was") && status.contains("kafka.schema-ids"), "{status}");
    assert_eq!(registry.get("/subjects").unwrap(), json!(["somebody-elses"]), "it is not filled anew");
    assert_eq!(delivered(&broker).0.len(), 300);

    fs::remove_file(installation.path("journal/sinks/kafka.schema-ids")).unwrap();
    daemon.wait_until_delivered(&["kafka"]).unwrap();
    assert_eq!(delivered(&broker).0, sent);
    wait_until("the ids to be kept again", kalends_tests::wait::PATIENCE, || {
        Ok(installation.path("journal/sinks/kafka.schema-ids").exists().then_some(()))
    })
    .unwrap();
}
