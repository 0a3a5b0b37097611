//! What a sink makes of topics that are missing, and says of those that are there.

use std::time::Duration;

use kalends_sink_kafka::preflight;

use crate::fixture::{Fixture, shared_broker, sink};

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
    let found = preflight(&settings, &fixture.streams, 1_000_000);
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
