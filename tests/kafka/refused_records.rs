//! What the cluster doesn't take, and whose fault it is.

use std::time::Duration;

use kalends_sink::{Failure, Record, Sink as _};
use kalends_sink_kafka::{Context, preflight};
use kalends_tests::event;

use crate::fixture::{Fixture, context, record, shared_broker, sink};

#[test]
fn a_record_larger_than_the_client_takes_is_named_and_the_others_can_go_on() {
    let Some(broker) = shared_broker() else { return };
    let fixture = Fixture::new(broker, "toolarge");
    let mut sink = fixture.sink();
    fixture.connect(&mut sink);
    let large = "x".repeat(2 << 20);
    let records = [record(1, 0, "k", "a"), record(2, 0, "k", &large), record(3, 0, "k", "b")];
    let failure = sink.write(&records).unwrap_err();
    assert!(matches!(&failure, Failure::Data { position: 2, reason: "too-large", .. }), "{failure:?}");
    assert_eq!(fixture.connect(&mut sink), None);
    sink.write(&[records[0].clone(), records[2].clone()]).unwrap();
    sink.commit(fixture.checkpoint(3)).unwrap();
    assert_eq!(fixture.datums(0), ["a", "b"]);
}

/// Of what the listener takes by default, everything is to pass that a topic made with a broker's defaults takes when it is compressed.
#[test]
fn a_record_of_one_mebibyte_arrives_and_the_examination_finds_no_fault_with_it() {
    let Some(broker) = shared_broker() else { return };
    let fixture = Fixture::new(broker, "mebibyte");
    let about_sizes = || preflight(&fixture.settings(), &fixture.streams, context(1 << 20)).notes.join("\n");
    assert!(!about_sizes().contains("messages of up to"), "before there are topics: {}", about_sizes());
    let mut sink = fixture.sink();
    fixture.connect(&mut sink);
    let large = "x".repeat(1 << 20);
    sink.write(&[record(1, 0, "k", &large)]).unwrap();
    sink.commit(fixture.checkpoint(1)).unwrap();
    assert!(fixture.datums(0) == [large], "it arrives whole");
    assert!(!about_sizes().contains("messages of up to"), "with topics: {}", about_sizes());
}

/// A broker refuses a whole batch for one record in it and blames each.
#[test]
fn a_record_larger_than_its_topic_takes_is_found_among_the_batch_that_is_refused_for_it() {
    let Some(broker) = shared_broker() else { return };
    let fixture = Fixture::new(broker, "topiclimit");
    broker.create_topic(fixture.topic(0), &[("max.message.bytes", "2000")]).unwrap();
    let mut sink = fixture.sink();
    // The limit is on what the batch takes when it is compressed.
    let large = event::noise(11_200);
    let mut failures = Vec::new();
    for _ in 0..3 {
        assert_eq!(fixture.connect(&mut sink), None);
        let records = [record(1, 0, "k", "a"), record(2, 0, "k", "b"), record(3, 0, "k", &large)];
        let written = sink.write(&records).and_then(|()| sink.commit(fixture.checkpoint(3)));
        failures.push(written.unwrap_err());
        if let Some(Failure::Data { .. }) = failures.last() {
            break;
        }
    }
    let last = failures.last().unwrap();
    assert!(matches!(last, Failure::Data { position: 3, reason: "too-large", .. }), "{failures:?}");

    fixture.connect(&mut sink);
    sink.write(&[record(1, 0, "k", "a"), record(2, 0, "k", "b")]).unwrap();
    sink.commit(fixture.checkpoint(3)).unwrap();
    assert_eq!(fixture.datums(0), ["a", "b"]);
}

#[test]
fn a_time_that_the_topic_refuses_is_a_hold_and_not_the_records_fault() {
    let Some(broker) = shared_broker() else { return };
    let fixture = Fixture::new(broker, "invalid");
    broker.create_topic(fixture.topic(0), &[("message.timestamp.before.max.ms", "1000")]).unwrap();
    let mut sink = fixture.sink();
    fixture.connect(&mut sink);
    let written = sink.write(&[record(1, 0, "k", "old")]).and_then(|()| sink.commit(fixture.checkpoint(1)));
    let failure = written.unwrap_err();
    let Failure::Hold { message } = failure else { panic!("{failure:?}") };
    assert!(
        message.contains("invalid.0") && message.contains("message.timestamp.before.max.ms"),
        "{message}"
    );
}

#[test]
fn clock_ahead_of_what_the_topic_allows_is_named_by_the_hold_and_by_preflight() {
    let Some(broker) = shared_broker() else { return };
    let fixture = Fixture::new(broker, "ahead");
    let strict = [("message.timestamp.after.max.ms", "60000")];
    broker.create_topic(fixture.topic(0), &strict).unwrap();
    broker.create_topic(fixture.topic(1), &[]).unwrap();
    let mut checkpoints = strict.to_vec();
    checkpoints.push(("cleanup.policy", "compact"));
    broker.create_topic("ahead.checkpoints", &checkpoints).unwrap();
    let mut settings = fixture.settings();
    settings.checkpoint_topic = "ahead.checkpoints".into();
    let right = context(1000);
    assert_eq!(preflight(&settings, &fixture.streams, right).problems, []);
    let now = right.now + 120_000_000;
    let found = preflight(&settings, &fixture.streams, Context { now, ..right });
    let problems: Vec<_> = found.problems.iter().map(|problem| problem.message.as_str()).collect();
    let mut sink = sink(settings);
    fixture.connect(&mut sink);
    let early = Record { received_at: now, ..record(1, 0, "k", "early") };
    let failure = sink.write(&[early]).and_then(|()| sink.commit(fixture.checkpoint(1))).unwrap_err();
    let Failure::Hold { message } = failure else { panic!("{failure:?}") };
    for told in [message, problems.join("\n")] {
        for part in ["clock", "message.timestamp.after.max.ms", "NTP"] {
            assert!(told.contains(part), "no {part} in {told:?}");
        }
    }
    assert!(broker.committed("ahead.checkpoints").unwrap().iter().all(|message| message.key.contains('/')));
}

#[test]
fn a_missing_topic_is_a_hold_that_names_it_and_the_command_and_nobody_creates_it() {
    let Some(broker) = shared_broker() else { return };
    let fixture = Fixture::new(broker, "missing");
    let mut settings = fixture.settings();
    settings.create_topics = false;
    settings.checkpoint_topic = "missing.checkpoints".into();
    let failure = sink(settings).connect(fixture.journal, &fixture.streams).unwrap_err();
    let Failure::Hold { message } = &failure else { panic!("{failure:?}") };
    for part in ["missing.0", "missing.1", "kafka-topics.sh", "cleanup.policy=compact", "create_topics"] {
        assert!(message.contains(part), "{message}");
    }
    assert!(!broker.has_topic("missing.0").unwrap());
}

#[test]
fn a_topic_that_goes_is_noticed_and_only_created_again_as_the_settings_say() {
    let Some(broker) = shared_broker() else { return };
    let fixture = Fixture::new(broker, "vanishes");
    let mut sink = fixture.sink();
    fixture.connect(&mut sink);
    broker.delete_topic(fixture.topic(0)).unwrap();
    let written = sink.write(&[record(1, 0, "k", "a")]).and_then(|()| sink.commit(fixture.checkpoint(1)));
    assert!(matches!(written, Err(Failure::Hold { .. } | Failure::Retry { .. })), "{written:?}");
    assert!(!broker.has_topic(fixture.topic(0)).unwrap());
    assert_eq!(fixture.connect(&mut sink), None);
    sink.write(&[record(1, 0, "k", "a")]).unwrap();
    sink.commit(fixture.checkpoint(1)).unwrap();
    assert_eq!(fixture.datums(0), ["a"]);
}

#[test]
fn brokers_that_nobody_listens_at_are_tried_again() {
    let Some(broker) = shared_broker() else { return };
    let fixture = Fixture::new(broker, "nobody");
    let mut settings = fixture.settings();
    settings.brokers = "127.0.0.1:1".into();
    settings.request_timeout = Duration::from_millis(200);
    let failure = sink(settings).connect(fixture.journal, &fixture.streams).unwrap_err();
    assert!(matches!(&failure, Failure::Retry { message } if message.contains("127.0.0.1:1")), "{failure:?}");
}

#[test]
fn security_that_the_cluster_does_not_speak_is_named_and_the_password_is_not() {
    let Some(broker) = shared_broker() else { return };
    let fixture = Fixture::new(broker, "security");
    let mut settings = fixture.settings();
    for (property, value) in [
        ("security.protocol", "sasl_plaintext"),
        ("sasl.mechanism", "PLAIN"),
        ("sasl.username", "kalends"),
        ("sasl.password", "hunter2"),
    ] {
        settings.properties.insert(property.into(), value.into());
    }
    let failure = sink(settings).connect(fixture.journal, &fixture.streams).unwrap_err();
    let Failure::Hold { message } = &failure else { panic!("{failure:?}") };
    assert!(message.contains("SASL") && !message.contains("hunter2"), "{message}");

    let mut settings = fixture.settings();
    settings.properties.insert("security.protocol".into(), "ssl".into());
    let failure = sink(settings).connect(fixture.journal, &fixture.streams).unwrap_err();
    // Whether it is told as a broken handshake or a closed connection is a matter of microseconds.
    assert!(failure.to_string().contains("SSL"), "{failure:?}");
}
