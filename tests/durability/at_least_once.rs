//! The cheaper choice: what it still promises, whatever dies.

use std::collections::{BTreeMap, BTreeSet};

use kalends_tests::{Installation, Record, config, kafka::Broker, load::Load, wait::PATIENCE, wait_until};

use crate::kafka_kills::committed;

const ROUNDS: u64 = 3;
const EVENTS: u64 = 300;

/// Nothing is lost; of what comes again, the first appearances are in the order of the journal, key by key.
fn assert_all_and_first_in_order(acknowledged: &BTreeSet<String>, records: &[Record]) {
    let (mut arrived, mut last) = (BTreeSet::new(), BTreeMap::new());
    for record in records {
        let id = record.text("event_id").unwrap();
        if arrived.insert(id) {
            let position = record.number("journal_position");
            let before = last.insert((&record.topic, &record.key), position);
            assert!(
                before.is_none_or(|before| before < position),
                "{}: {id} behind {before:?}",
                record.topic
            );
        }
    }
    let missing: Vec<_> = acknowledged.iter().filter(|id| !arrived.contains(id.as_str())).collect();
    assert!(missing.is_empty(), "{} lost: {missing:?}", missing.len());
}

#[test]
fn at_least_once_loses_nothing_and_keeps_first_appearances_in_order_whatever_dies() {
    let Some(broker) = Broker::start("at-least-once").unwrap() else { return };
    let cheaper = config::kafka_with(broker.bootstrap(), "delivery: at-least-once, partitions: 4");
    let installation = Installation::new(&cheaper).unwrap();
    let mut daemon = installation.start().unwrap();
    let mut acknowledged = BTreeSet::new();
    for round in 0..ROUNDS {
        let load = Load::start(&format!("round-{round}"), daemon.public(), 8, EVENTS);
        wait_until("the load to get under way", PATIENCE, || {
            Ok((load.acknowledged() >= EVENTS / 3).then_some(()))
        })
        .unwrap();
        if round == 1 {
            broker.kill().unwrap();
        }
        daemon.kill().unwrap();
        daemon = installation.start().unwrap();
        load.redirect(daemon.public());
        acknowledged.extend(load.finish().unwrap().acknowledged);
        if round == 1 {
            broker.restart().unwrap();
        }
    }
    daemon.wait_until_delivered(&["kafka"]).unwrap();
    assert_eq!(daemon.terminate().unwrap().code(), Some(0));
    let before = committed(&broker);
    assert_all_and_first_in_order(&acknowledged, &before);

    // The other choice goes on from the same checkpoint.
    installation.configure(&config::kafka(broker.bootstrap())).unwrap();
    let daemon = installation.start().unwrap();
    let after = Load::start("after", daemon.public(), 8, EVENTS).finish().unwrap();
    daemon.wait_until_delivered(&["kafka"]).unwrap();
    assert_eq!(committed(&broker).len(), before.len() + after.acknowledged.len() + after.unknown.len());
}
