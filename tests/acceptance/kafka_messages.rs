use kalends_tests::{
    Installation, config,
    datum::Decoder,
    event,
    kafka::Broker,
    sample,
    wait::{PATIENCE, wait_until},
};

use crate::{
    expected_records::{lasting, of_sample},
    schema_registry::services,
};

#[test]
fn a_real_broker_gets_the_documented_payloads_as_the_files_do() {
    let Some(broker) = Broker::start("payloads").unwrap() else { return };
    let installation = Installation::new(&config::files_and_kafka(broker.bootstrap())).unwrap();
    let daemon = installation.start().unwrap();
    for _round in 0..2 {
        for sample in sample::seven().unwrap() {
            assert_eq!(daemon.post(&sample.body).unwrap().status, 200, "{}", sample.name);
        }
    }
    daemon.wait_until_delivered(&["files", "kafka"]).unwrap();

    let decoder = Decoder::new().unwrap();
    let filed = installation.records().unwrap();
    for sample in sample::seven().unwrap() {
        let topic = sample.topic();
        let messages = broker.committed(&topic).unwrap();
        assert_eq!(messages.len(), 1, "{topic}: once, however often it was sent");
        let record = decoder.record(&topic, &messages[0]).unwrap();
        assert_eq!(lasting(&record), of_sample(sample.name), "{topic}");
        let twin = filed.iter().find(|record| record.topic == topic).unwrap();
        assert_eq!(record.fields, twin.fields, "{topic}: the same record in both sinks");
        let key = record.text("calendar_subscription_id").or_else(|| record.text("subscription_event_id"));
        assert_eq!(record.key.as_deref(), key, "{topic}");
    }
}

#[test]
fn each_message_says_what_it_is_in_its_headers() {
    let Some(broker) = Broker::start("headers").unwrap() else { return };
    let installation = Installation::new(&config::kafka(broker.bootstrap())).unwrap();
    let daemon = installation.start().unwrap();
    daemon.post("{").unwrap();
    daemon.post(&sample::seven().unwrap()[0].body).unwrap();
    daemon.wait_until_delivered(&["kafka"]).unwrap();

    let message = &broker.committed("rokt.calendar.subscribe").unwrap()[0];
    let record = Decoder::new().unwrap().record("rokt.calendar.subscribe", message).unwrap();
    let journal = record.text("journal_id").unwrap();
    let headers = [
        ("ce_id", "0f1d5918-052d-4915-89a7-8cc9c4d33492"),
        ("ce_type", "rokt.calendar.Subscribe"),
        ("ce_source", "/kalends/main"),
        ("ce_specversion", "1.0"),
        ("content-type", "application/avro"),
        ("kalends-position", "0:2"),
        ("kalends-journal", journal),
    ];
    for (name, value) in headers {
        assert_eq!(message.header(name), Some(value), "{name}");
    }
    assert_eq!(Some(message.time), record.number("received_at"));

    let letter = &broker.committed("rokt.calendar.dead-letter").unwrap()[0];
    assert_eq!(letter.header("ce_id"), Some("0:1"), "a dead letter without an event id goes by its position");
    let names = letter.headers.iter().filter(|(name, _)| name.starts_with("__connect.errors.")).count();
    assert!(names > 0, "{:?}", letter.headers);
}

/// An event with so many bytes of text that no compression can shorten much.
fn large(id: &str, bytes: u64) -> String {
    let noise = event::noise(bytes);
    format!(r#"{{"eventId":"{id}","eventType":"Subscribe","eventDetails":{{"novelty":"{noise}"}}}}"#)
}

#[test]
fn a_record_that_is_too_large_is_a_dead_letter_that_names_its_position_and_has_the_body_if_it_fits() {
    let Some((broker, _)) = services() else { return };
    // The topics take less than the client does.
    broker.create_topic("large.subscribe", &[("max.message.bytes", "20000")]).unwrap();
    broker.create_topic("large.dead-letter", &[("max.message.bytes", "500000")]).unwrap();
    let installation =
        Installation::new(&config::kafka_with(broker.bootstrap(), "topics: { prefix: large. }")).unwrap();
    let daemon = installation.start().unwrap();
    let (fits, beyond) = (large("e-2", 100_000), large("e-3", 1_020_000));
    for body in [&sample::seven().unwrap()[0].body[..], fits.as_bytes(), beyond.as_bytes()] {
        assert_eq!(daemon.post(body).unwrap().status, 200);
    }
    daemon.wait_until_delivered(&["kafka"]).unwrap();
    assert_eq!(broker.committed("large.subscribe").unwrap().len(), 1, "the good one arrives");

    let decoder = Decoder::new().unwrap();
    let letters = broker.committed("large.dead-letter").unwrap();
    assert_eq!(letters.len(), 2);
    for (letter, position, id) in [(&letters[0], 2, "e-2"), (&letters[1], 3, "e-3")] {
        let record = decoder.record("rokt.calendar.dead-letter", letter).unwrap();
        assert_eq!(record.text("reason"), Some("too-large"));
        assert_eq!(record.number("journal_position"), Some(position));
        let at = position.to_string();
        for (name, value) in [
            ("ce_id", id),
            ("kalends-position", &format!("0:{at}")),
            ("__connect.errors.topic", "main"),
            ("__connect.errors.partition", "0"),
            ("__connect.errors.offset", &at),
            ("__connect.errors.connector.name", "kafka"),
            ("__connect.errors.task.id", "0"),
            ("__connect.errors.stage", "TASK_PUT"),
            ("__connect.errors.class.name", "kalends"),
            ("__connect.errors.exception.class.name", "too-large"),
        ] {
            assert_eq!(letter.header(name), Some(value), "{name} of {id}");
        }
    }
    let holds = |value: &[u8], text: &str| value.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(holds(&letters[0].value, &fits), "raw, as it came");
    assert!(letters[1].value.len() < 1000, "what doesn't fit here either stays in the journal");
    let shown = installation.run(["journal", "cat", "--at", "3", "--body", "-c", "kalends.yaml"]).unwrap();
    assert!(shown.stdout == beyond.as_bytes(), "{}", String::from_utf8_lossy(&shown.stderr));
}

#[test]
fn what_librdkafka_knows_of_brokers_and_transactions_is_scraped_under_labels_of_our_own() {
    let Some(broker) = Broker::start("statistics").unwrap() else { return };
    let installation = Installation::new(&config::kafka(broker.bootstrap())).unwrap();
    let daemon = installation.start().unwrap();
    daemon.post(&sample::seven().unwrap()[0].body).unwrap();
    daemon.wait_until_delivered(&["kafka"]).unwrap();
    let value = |name: &str| daemon.metrics().unwrap().value(&format!("kalends_kafka_{name}"));
    wait_until("librdkafka's report", PATIENCE, || {
        let up = value("brokers_up{sink=\"kafka\"}").is_some_and(|brokers| brokers >= 1.0);
        let round_trip = value("round_trip_seconds{sink=\"kafka\"}").is_some_and(|seconds| seconds > 0.0);
        let state = value("transaction_state{sink=\"kafka\",state=\"ready\"}") == Some(1.0);
        Ok((up && round_trip && state).then_some(()))
    })
    .unwrap();
    assert!(value("messages_total{sink=\"kafka\"}").is_some_and(|messages| messages >= 1.0));
    assert_eq!(value("queued_messages{sink=\"kafka\"}"), Some(0.0));
    let page = daemon.get("/metrics").unwrap().text();
    for line in page.lines().filter(|line| line.starts_with("kalends_kafka_")) {
        assert!(
            !line.contains("127.0.0.1") && !line.contains("rokt.calendar"),
            "a label from outside: {line}"
        );
    }

    broker.kill().unwrap();
    wait_until("the loss of the broker", PATIENCE, || {
        Ok((value("brokers_up{sink=\"kafka\"}") == Some(0.0)).then_some(()))
    })
    .unwrap();
}
