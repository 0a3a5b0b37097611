//! Values with the ids of a real schema registry.

use std::{process::Output, sync::OnceLock};

use kalends_tests::{
    Installation, config,
    kafka::Broker,
    python::Python,
    registry::Registry,
    sample,
    wait::{PATIENCE, wait_until},
};
use serde_json::{Value, json};

use crate::{
    expected_records::{BY_RUN, of_sample, topics},
    registry_auth_proxy::Gatekeeper,
};

/// The broker and the registry that these tests share; `None` where they can't be had.
pub(crate) fn services() -> Option<&'static (Broker, Registry)> {
    static SERVICES: OnceLock<Option<(Broker, Registry)>> = OnceLock::new();
    let start = || Broker::start("on-registry").unwrap().zip(Registry::start("acceptance").unwrap());
    SERVICES.get_or_init(start).as_ref()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn confluents_client_reads_every_topic_into_the_expected_values() {
    let (Some((broker, registry)), Some(python)) = (services(), Python::with_confluent().unwrap()) else {
        return;
    };
    let configuration = config::kafka_with_registry(broker.bootstrap(), registry.url(), "", "");
    let installation = Installation::new(&configuration).unwrap();
    let registered = installation.run(["schemas", "register", "-c", "kalends.yaml"]).unwrap();
    assert!(registered.status.success(), "{}", said(&registered));
    let daemon = installation.start().unwrap();
    for sample in sample::seven().unwrap().into_iter().chain([sample::test_event()]) {
        assert_eq!(daemon.post(&sample.body).unwrap().status, 200, "{}", sample.name);
    }
    let unknown = r#"{"eventId":"u-1","eventType":"MadeUp","eventDetails":{"a":1}}"#;
    assert_eq!(daemon.post(unknown).unwrap().status, 200);
    assert_eq!(daemon.post("{").unwrap().status, 200);
    daemon.wait_until_delivered(&["kafka"]).unwrap();

    let topics = topics();
    for topic in &topics {
        broker.committed(topic).unwrap();
    }
    let rows = python.deserialised(broker.bootstrap(), registry.url(), &topics).unwrap();
    let of = |suffix: &str| {
        let topic = format!("rokt.calendar.{suffix}");
        let mut rows = rows.iter().filter(|row| row["topic"] == *topic);
        let (Some(row), None) = (rows.next(), rows.next()) else {
            panic!("one message on {topic}: {rows:?}")
        };
        let latest = registry.get(&format!("/subjects/{topic}-value/versions/latest")).unwrap();
        assert_eq!(row["id"], latest["id"], "{topic}");
        row["value"].as_object().unwrap().clone()
    };
    for sample in sample::seven().unwrap() {
        let mut value = of(sample.suffix);
        value.retain(|name, field| !field.is_null() && !BY_RUN.contains(&name.as_str()));
        assert_eq!(Value::Object(value), json!(of_sample(sample.name)), "{}", sample.name);
    }
    assert_eq!(of("test")["event_type"], "Test");
    assert_eq!(of("test")["event_details"], r#"{"message":"a test"}"#);
    assert_eq!(
        (&of("unknown")["event_type"], &of("unknown")["event_details"]),
        (&json!("MadeUp"), &json!(r#"{"a":1}"#))
    );
    let letter = of("dead-letter");
    assert_eq!((&letter["reason"], &letter["body"]), (&json!("invalid-json"), &json!({ "bytes": "7b" })));
}

/// A schema of somebody else's, beside which ours can't stand.
pub(crate) fn stranger() -> Value {
    json!({
        "type": "record", "name": "Subscribe", "namespace": "rokt.calendar",
        "fields": [{ "name": "event_id", "type": "int" }],
    })
}

#[test]
fn a_schema_that_the_registry_refuses_is_a_hold_in_which_nothing_is_lost() {
    let Some((broker, registry)) = services() else { return };
    registry.register("taken.subscribe-value", &stranger()).unwrap();
    let topics = "topics: { prefix: taken. }";
    let configuration =
        config::kafka_with_registry(broker.bootstrap(), registry.url(), "auto_register: true", topics);
    let installation = Installation::new(&configuration).unwrap();
    for command in [["schemas", "register"], ["schemas", "check"]] {
        let option = if command[1] == "check" { "--registry" } else { "--json" };
        let refused = installation.run(command.iter().chain(&[option, "-c", "kalends.yaml"])).unwrap();
        assert_eq!(refused.status.code(), Some(65), "{}", said(&refused));
        assert!(said(&refused).contains("taken.subscribe-value"), "{}", said(&refused));
    }
    let subjects = registry.get("/subjects").unwrap().to_string();
    assert!(!subjects.contains("taken.test-value"), "none is registered when one is refused: {subjects}");

    let daemon = installation.start().unwrap();
    assert_eq!(daemon.post(&sample::seven().unwrap()[0].body).unwrap().status, 200);
    let status = daemon.wait_until_on_hold("kafka").unwrap();
    assert!(status.contains("taken.subscribe-value") && status.contains("not compatible"), "{status}");
    assert_eq!(broker.committed("taken.subscribe").unwrap(), []);
    assert_eq!(broker.committed("taken.dead-letter").unwrap(), []);

    let deleted = registry.request("DELETE", "/subjects/taken.subscribe-value", &Value::Null).unwrap();
    assert_eq!(deleted.status, 200, "{}", deleted.text());
    daemon.wait_until_delivered(&["kafka"]).unwrap();
    assert_eq!(broker.committed("taken.subscribe").unwrap().len(), 1);
}

#[test]
fn credentials_are_shown_and_never_said() {
    let Some((broker, registry)) = services() else { return };
    // kalends:open-sesame
    for (accepted, keys) in [
        ("Basic a2FsZW5kczpvcGVuLXNlc2FtZQ==", "username: kalends, password: { env: SECRET }"),
        ("Bearer open-sesame", "token: { env: SECRET }"),
    ] {
        let gate = Gatekeeper::new(registry, accepted).unwrap();
        let configuration = config::kafka_with_registry(broker.bootstrap(), &gate.url, keys, "");
        let installation = Installation::new(&configuration).unwrap();
        let check = |secret: &str| {
            let arguments = ["schemas", "check", "--registry", "-c", "kalends.yaml"];
            installation.command(arguments).unwrap().env("SECRET", secret).output().unwrap()
        };
        let right = check("open-sesame");
        assert!(right.status.success(), "{accepted}: {}", said(&right));
        let wrong = check("hunter2");
        assert_eq!(wrong.status.code(), Some(69), "{}", said(&wrong));
        assert!(said(&wrong).contains("401") && !said(&wrong).contains("hunter2"), "{}", said(&wrong));
    }
}

#[test]
fn schemas_can_be_registered_by_the_sink_under_another_strategys_names() {
    let Some((broker, registry)) = services() else { return };
    let configuration = config::kafka_with_registry(
        broker.bootstrap(),
        registry.url(),
        "auto_register: true, subject_name_strategy: topic-record-name",
        "topics: { prefix: named. }",
    );
    let installation = Installation::new(&configuration).unwrap();
    let daemon = installation.start().unwrap();
    assert_eq!(daemon.post("{").unwrap().status, 200);
    daemon.wait_until_delivered(&["kafka"]).unwrap();
    let message = &broker.committed("named.dead-letter").unwrap()[0];
    let subject = "named.dead-letter-rokt.calendar.DeadLetter";
    let id = registry.get(&format!("/subjects/{subject}/versions/latest")).unwrap()["id"].as_u64().unwrap();
    let mut frame = vec![0];
    frame.extend(u32::try_from(id).unwrap().to_be_bytes());
    assert_eq!(message.value[..5], frame);
    wait_until("the requests to be counted", PATIENCE, || {
        let metrics = daemon.metrics()?;
        let answered =
            metrics.value("kalends_kafka_registry_requests_total{outcome=\"answered\",sink=\"kafka\"}");
        Ok(answered.filter(|count| *count >= 10.0))
    })
    .unwrap();
}
