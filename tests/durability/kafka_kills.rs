use std::collections::BTreeMap;

use kalends_tests::{
    Installation, Record, config,
    datum::Decoder,
    kafka::{Broker, Message},
    load::Outcome,
};

use crate::{
    exactly_once::assert_exactly_once,
    kills::{round, rounds},
};

/// The topics of the events that a load sends.
pub(crate) const TOPICS: [&str; 3] =
    ["rokt.calendar.subscribe", "rokt.calendar.unsubscribe", "rokt.calendar.subscription-details-updated"];

/// Every committed record, each topic's in the order of its partitions.
pub(crate) fn committed(broker: &Broker) -> Vec<Record> {
    let decoder = Decoder::new().unwrap();
    let of = |topic: &&'static str| {
        let messages = broker.committed(topic).unwrap();
        assert_each_key_has_one_partition(topic, &messages);
        messages.iter().map(|message| decoder.record(topic, message).unwrap()).collect::<Vec<_>>()
    };
    TOPICS.iter().flat_map(of).collect()
}

fn assert_each_key_has_one_partition(topic: &str, messages: &[Message]) {
    let mut partitions = BTreeMap::new();
    for message in messages {
        let partition = *partitions.entry(&message.key).or_insert(message.partition);
        assert_eq!(message.partition, partition, "{topic}: {}", message.key);
    }
}

/// Every event answered 200 is on Kafka once, nothing else is, and each key's events are in the order of the journal.
pub(crate) fn assert_once_and_in_order(outcome: &Outcome, committed: &[Record]) {
    assert_exactly_once("kafka", outcome, committed);
    assert_each_key_is_in_journal_order(committed);
}

fn assert_each_key_is_in_journal_order(records: &[Record]) {
    let mut last: BTreeMap<_, _> = BTreeMap::new();
    for record in records {
        let position = record.number("journal_position");
        let before = last.insert((&record.topic, &record.key), position);
        assert!(before.is_none_or(|before| before < position), "{} after {before:?}", record.topic);
    }
}

#[test]
fn what_was_answered_200_is_in_files_and_kafka_once_whatever_dies() {
    let Some(broker) = Broker::start("kills").unwrap() else { return };
    let installation = Installation::new(&config::files_and_kafka(broker.bootstrap())).unwrap();
    let mut daemon = installation.start().unwrap();
    let mut outcome = Outcome::default();
    for number in 0..rounds() {
        let broker_is_away = number == rounds() / 2;
        if broker_is_away {
            broker.kill().unwrap();
        }
        let (restarted, of_round) = round(&installation, daemon, number);
        daemon = restarted;
        outcome.merge(of_round);
        if broker_is_away {
            broker.restart().unwrap();
        }
    }
    daemon.wait_until_delivered(&["files", "kafka"]).unwrap();
    assert_eq!(daemon.terminate().unwrap().code(), Some(0));

    let (filed, committed) = (installation.records().unwrap(), committed(&broker));
    assert_exactly_once("files", &outcome, &filed);
    assert_once_and_in_order(&outcome, &committed);
    assert_eq!(filed.len(), committed.len(), "both sinks have the same events");
}
