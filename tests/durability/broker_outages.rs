//! Brokers that die under load, and stay away.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use kalends_tests::{Daemon, Installation, config, kafka::Broker, load::Load, wait::PATIENCE, wait_until};

use crate::{
    exactly_once::count,
    kafka_kills::{TOPICS, assert_once_and_in_order, committed},
};

/// Longer than the client keeps a record and the cluster a transaction.
const LONG: Duration = Duration::from_secs(61);

const CONNECTIONS: u32 = 8;
const PAUSE: Duration = Duration::from_millis(50);

/// Waits until the load goes on, however far it was.
fn wait_for_more(load: &Load) {
    let before = load.acknowledged();
    wait_until("more events to be answered 200", PATIENCE, || {
        Ok((load.acknowledged() > before + 200).then_some(()))
    })
    .unwrap();
}

/// Waits until something that this sink has not delivered is as old as that.
fn wait_for_a_backlog_of(daemon: &Daemon, age: Duration) {
    let began = Instant::now();
    wait_until("a backlog that old", PATIENCE * 3, || {
        let oldest = "kalends_sink_oldest_undelivered_timestamp_seconds{sink=\"kafka\"}";
        let oldest = daemon.metrics()?.value(oldest);
        Ok((oldest.is_some_and(|time| time > 0.0) && began.elapsed() >= age).then_some(()))
    })
    .unwrap();
}

/// In one of the outages the broker is away for longer than a record and a transaction live.
#[test]
fn a_broker_that_dies_again_and_again_under_load_stops_loses_doubles_and_reorders_nothing() {
    let Some(broker) = Broker::start("broker-dies").unwrap() else { return };
    let installation = Installation::new(&config::partitioned_kafka(broker.bootstrap())).unwrap();
    let daemon = installation.start().unwrap();
    let load = Load::steady("steady", daemon.public(), CONNECTIONS, PAUSE);
    for outage in 0..count("KALENDS_SOAK_OUTAGES", 3) {
        wait_for_deliveries(&daemon);
        broker.kill().unwrap();
        wait_for_more(&load);
        if outage == 1 {
            wait_for_a_backlog_of(&daemon, LONG);
        }
        broker.restart().unwrap();
    }
    wait_for_deliveries(&daemon);
    let outcome = load.stop().unwrap();
    assert!(outcome.unknown.is_empty(), "a dead broker is nothing to the sender: {:?}", outcome.unknown);
    daemon.wait_until_delivered(&["kafka"]).unwrap();
    assert_once_and_in_order(&outcome, &committed(&broker));
}

/// One death of what soak does again and again.
#[test]
fn a_leader_that_dies_under_load_stops_loses_doubles_and_reorders_nothing() {
    let Some(brokers) = Broker::start_with("leader-dies", 3, &["--heap", "192m"]).unwrap() else { return };
    let installation = Installation::new(&config::partitioned_kafka(brokers.bootstrap())).unwrap();
    let daemon = installation.start().unwrap();
    let load = Load::steady("steady", daemon.public(), CONNECTIONS, PAUSE);
    wait_for_deliveries(&daemon);
    let dead = brokers.leaders(TOPICS[0]).unwrap()[0];
    brokers.kill_one(dead.try_into().unwrap()).unwrap();
    wait_until("every partition to have another leader", PATIENCE * 2, || {
        let led = |topic: &&str| brokers.leaders(topic).is_ok_and(|leaders| !leaders.contains(&dead));
        Ok(TOPICS.iter().all(led).then_some(()))
    })
    .unwrap();
    wait_for_deliveries(&daemon);
    let outcome = load.stop().unwrap();
    daemon.wait_until_delivered(&["kafka"]).unwrap();
    assert_once_and_in_order(&outcome, &committed(&brokers));
}

#[test]
#[ignore = "three brokers are much for a small machine: cargo xtask soak runs it"]
fn leaders_that_change_under_load_stop_lose_double_and_reorder_nothing() {
    let Some(brokers) = Broker::cluster("leaders-change", 3).unwrap() else { return };
    let installation = Installation::new(&config::partitioned_kafka(brokers.bootstrap())).unwrap();
    let daemon = installation.start().unwrap();
    let load = Load::steady("steady", daemon.public(), CONNECTIONS, PAUSE);
    let mut leaders = BTreeSet::new();
    for outage in 0..count("KALENDS_SOAK_OUTAGES", 3) {
        wait_for_deliveries(&daemon);
        let dead = u32::try_from(outage % 3).unwrap() + 1;
        brokers.kill_one(dead).unwrap();
        // Two of three serve on: what came after the death is delivered before the dead one is back.
        wait_for_deliveries(&daemon);
        leaders.insert(brokers.leaders(TOPICS[0]).unwrap());
        brokers.restart().unwrap();
        wait_until("every copy to catch up", PATIENCE * 2, || {
            let behind = TOPICS.iter().find(|topic| !brokers.is_replicated(topic).unwrap_or_default());
            Ok(behind.is_none().then_some(()))
        })
        .unwrap();
    }
    let outcome = load.stop().unwrap();
    assert!(leaders.len() > 1, "no partition ever had another leader: {leaders:?}");
    daemon.wait_until_delivered(&["kafka"]).unwrap();
    assert_once_and_in_order(&outcome, &committed(&brokers));
}

/// Waits until the sink has delivered more than it has by now.
fn wait_for_deliveries(daemon: &Daemon) {
    let series = "kalends_sink_delivered_records_total{sink=\"kafka\"}";
    let delivered = || daemon.metrics()?.value(series).context("no such metric");
    let before = delivered().unwrap();
    wait_until("more deliveries", PATIENCE * 2, || Ok((delivered()? > before + 200.0).then_some(())))
        .unwrap();
}
