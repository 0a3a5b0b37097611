//! What a sink makes of topics that are missing, and says of those that are there.

use std::time::Duration;

use kalends_sink::{Failure, Sink as _};
use kalends_sink_kafka::preflight;

use crate::fixture::{Fixture, context, shared_broker, sink};

#[test]
fn missing_topics_are_made_as_the_settings_say_and_the_checkpoints_topic_as_it_must_be() {
    let Some(broker) = shared_broker() else { return };
    let fixture = Fixture::new(broker, "created");
    let mut settings = fixture.settings();
    settings.partitions = Some(3);
    settings.replication = Some(1);
    settings.retention = Some(Duration::from_hours(72));
    settings.checkpoint_topic = "created.checkpoints".into();
    fixture.connect(&mut sink(settings));
    for topic in [fixture.topic(0), fixture.topic(1)] {
        assert_eq!(broker.partitions(topic).unwrap(), 3, "{topic}");
        assert_eq!(broker.topic_setting(topic, "retention.ms").unwrap(), "259200000", "{topic}");
        assert_eq!(broker.topic_setting(topic, "cleanup.policy").unwrap(), "delete", "{topic}");
    }
    assert_eq!(broker.partitions("created.checkpoints").unwrap(), 1);
    assert_eq!(broker.topic_setting("created.checkpoints", "cleanup.policy").unwrap(), "compact");
}

#[test]
fn topics_that_are_there_are_examined_for_what_would_change_or_refuse_records() {
    let Some(broker) = shared_broker() else { return };
    let fixture = Fixture::new(broker, "examined");
    broker.create_topic(fixture.topic(0), &[("message.timestamp.type", "LogAppendTime")]).unwrap();
    broker
        .create_topic(fixture.topic(1), &[("min.insync.replicas", "2"), ("max.message.bytes", "5000")])
        .unwrap();
    broker.create_topic("examined.checkpoints", &[]).unwrap();
    let mut settings = fixture.settings();
    settings.checkpoint_topic = "examined.checkpoints".into();
    let found = preflight(&settings, &fixture.streams, context(1_000_000));
    let notes = found.notes.join("\n");
    let problems: Vec<_> = found.problems.iter().map(|problem| problem.message.as_str()).collect();
    let problems = problems.join("\n");
    for part in ["records on examined.0 get the time", "CreateTime", "up to 5000 bytes", "max.message.bytes"]
    {
        assert!(notes.contains(part), "no {part} in {notes}");
    }
    for part in ["\"examined.1\"", "min.insync.replicas", "examined.checkpoints", "cleanup.policy=compact"] {
        assert!(problems.contains(part), "no {part} in {problems}");
    }
}

#[test]
fn checkpoint_topic_that_deletes_holds_run_in_the_words_of_check() {
    let Some(broker) = shared_broker() else { return };
    let fixture = Fixture::new(broker, "deleting");
    broker.create_topic("deleting.checkpoints", &[]).unwrap();
    let mut settings = fixture.settings();
    settings.checkpoint_topic = "deleting.checkpoints".into();
    let connected = sink(settings.clone()).connect(fixture.journal, &fixture.streams);
    let Err(Failure::Hold { message }) = connected else { panic!("{connected:?}") };
    assert!(message.contains("--add-config cleanup.policy=compact"), "{message}");
    let found = preflight(&settings, &fixture.streams, context(1000));
    assert!(found.problems.iter().any(|problem| problem.message == message), "{:?}", found.problems);
}

#[test]
fn preflight_tells_that_retention_is_only_for_topics_that_it_creates() {
    let Some(broker) = shared_broker() else { return };
    let fixture = Fixture::new(broker, "retained");
    broker.create_topic(fixture.topic(0), &[("retention.ms", "259200000")]).unwrap();
    broker.create_topic(fixture.topic(1), &[("retention.ms", "3600000")]).unwrap();
    let mut settings = fixture.settings();
    settings.retention = Some(Duration::from_hours(72));
    let notes = preflight(&settings, &fixture.streams, context(1000)).notes.join("\n");
    assert!(notes.contains("retained.1 keep") && notes.contains("retention.ms=259200000"), "{notes}");
    assert!(!notes.contains("retained.0"), "{notes}");
}

#[test]
fn preflight_tells_which_bodies_do_not_fit_when_nothing_is_compressed() {
    let Some(broker) = shared_broker() else { return };
    let fixture = Fixture::new(broker, "plain");
    for stream in [0, 1] {
        broker.create_topic(fixture.topic(stream), &[]).unwrap();
    }
    let notes = |settings| preflight(&settings, &fixture.streams, context(1 << 20)).notes.join("\n");
    assert!(!notes(fixture.settings()).contains("compress"));
    let mut settings = fixture.settings();
    settings.properties.insert("compression.type".into(), "none".into());
    let told = notes(settings);
    assert!(told.contains("not compressed") && told.contains("more than about 1040396 bytes"), "{told}");
}

#[test]
fn preflight_names_the_cluster_alike_under_all_of_its_addresses() {
    let Some(broker) = shared_broker() else { return };
    let fixture = Fixture::new(broker, "addressed");
    let id = |brokers: String| {
        let mut settings = fixture.settings();
        settings.brokers = brokers;
        preflight(&settings, &fixture.streams, context(1000)).cluster_id.unwrap()
    };
    let brokers = broker.bootstrap();
    let other = brokers.replace("127.0.0.1", "localhost");
    assert_ne!(brokers, other);
    assert_eq!(id(brokers.to_owned()), id(other));
}
