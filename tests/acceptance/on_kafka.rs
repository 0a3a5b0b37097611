use kalends_tests::{Installation, config, datum::Decoder, kafka::Broker, sample};

use crate::expected::{lasting, of_sample};

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
