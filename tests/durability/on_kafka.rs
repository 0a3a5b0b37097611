use std::collections::BTreeMap;

use kalends_tests::{
    Installation, Record, config,
    datum::Decoder,
    kafka::Broker,
    load::{Load, Outcome},
};

use crate::{
    account::assert_exactly_once,
    kills::{round, rounds},
};

/// The topics of the events that a load sends.
const TOPICS: [&str; 3] =
    ["rokt.calendar.subscribe", "rokt.calendar.unsubscribe", "rokt.calendar.subscription-details-updated"];

/// Every committed record, each topic's in the order of its partition.
pub(crate) fn committed(broker: &Broker) -> Vec<Record> {
    let decoder = Decoder::new().unwrap();
    let of = |topic: &&'static str| {
        let messages = broker.committed(topic).unwrap();
        messages.iter().map(|message| decoder.record(topic, message).unwrap()).collect::<Vec<_>>()
    };
    TOPICS.iter().flat_map(of).collect()
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
    assert_exactly_once("kafka", &outcome, &committed);
    assert_eq!(filed.len(), committed.len(), "both sinks have the same events");
    assert_each_key_is_in_journal_order(&committed);
}

#[test]
fn a_broker_that_dies_under_load_neither_stops_receiving_nor_loses_nor_repeats() {
    let Some(broker) = Broker::start("broker-dies").unwrap() else { return };
    let installation = Installation::new(&config::files_and_kafka(broker.bootstrap())).unwrap();
    let daemon = installation.start().unwrap();
    let mut outcome = Load::start("before", daemon.public(), 8, 200).finish().unwrap();
    let load = Load::start("during", daemon.public(), 8, 2_000);
    broker.kill().unwrap();
    let during = load.finish().unwrap();
    assert!(during.unknown.is_empty(), "a dead broker is nothing to the sender: {:?}", during.unknown);
    outcome.merge(during);
    broker.restart().unwrap();
    outcome.merge(Load::start("after", daemon.public(), 8, 200).finish().unwrap());
    daemon.wait_until_delivered(&["files", "kafka"]).unwrap();
    assert_exactly_once("kafka", &outcome, &committed(&broker));
    assert_exactly_once("files", &outcome, &installation.records().unwrap());
}
