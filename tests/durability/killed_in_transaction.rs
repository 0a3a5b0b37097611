//! Processes that die, or are shut out, in the middle of a transaction.

use std::time::Duration;

use kalends_tests::{Daemon, Installation, config, kafka::Broker, load::Load, wait::PATIENCE, wait_until};
use rustix::process::Signal;

use crate::{
    exactly_once::count,
    files_sink_holds::assert_held,
    kafka_kills::{TOPICS, assert_once_and_in_order, committed},
};

/// Deaths, each of them with records written whose transaction is open.
const DEATHS: u64 = 3;

const CONNECTIONS: u32 = 8;
const PAUSE: Duration = Duration::from_millis(20);

/// Stops every thread of the daemon at a moment when records of an open transaction are on the topics.
fn stop_in_a_transaction(daemon: &mut Daemon, broker: &Broker) {
    wait_until("a daemon that stands still in a transaction", PATIENCE * 2, || {
        daemon.signal(Signal::STOP)?;
        if broker.has_open_transaction(&TOPICS)? {
            return Ok(Some(()));
        }
        daemon.signal(Signal::CONT)?;
        Ok(None)
    })
    .unwrap();
}

#[test]
fn what_a_daemon_had_in_a_transaction_when_it_was_killed_is_delivered_once() {
    let Some(broker) = Broker::start("mid-transaction").unwrap() else { return };
    let installation = Installation::new(&config::partitioned_kafka(broker.bootstrap())).unwrap();
    let mut daemon = installation.start().unwrap();
    let load = Load::steady("steady", daemon.public(), CONNECTIONS, PAUSE);
    for _death in 0..count("KALENDS_SOAK_ROUNDS", DEATHS) {
        // Something to go on behind.
        let before = committed_now(&broker);
        wait_until("a delivery", PATIENCE * 2, || Ok((committed_now(&broker) > before).then_some(())))
            .unwrap();
        stop_in_a_transaction(&mut daemon, &broker);
        daemon.kill().unwrap();
        assert!(broker.has_open_transaction(&TOPICS).unwrap(), "nobody can have ended it");
        daemon = installation.start().unwrap();
        load.redirect(daemon.public());
    }
    let outcome = load.stop().unwrap();
    daemon.wait_until_delivered(&["kafka"]).unwrap();
    assert_once_and_in_order(&outcome, &committed(&broker));
}

/// The copy is older than what the first one has delivered: it can't go on, and must not keep the first one's
/// transaction, nor any later one, from being undone.
#[test]
fn a_daemon_shut_out_in_a_transaction_by_an_older_copy_delivers_the_rest_once_when_it_is_alone_again() {
    let Some(broker) = Broker::start("shut-out").unwrap() else { return };
    let first = Installation::new(&config::partitioned_kafka(broker.bootstrap())).unwrap();
    let daemon = first.start().unwrap();
    let mut outcome = Load::start("before", daemon.public(), CONNECTIONS, 300).finish().unwrap();
    daemon.wait_until_delivered(&["kafka"]).unwrap();
    daemon.terminate().unwrap();
    let copy = first.copy().unwrap();

    let mut daemon = first.start().unwrap();
    let load = Load::steady("steady", daemon.public(), CONNECTIONS, PAUSE);
    wait_until("a delivery that the copy knows nothing of", PATIENCE, || {
        Ok((committed_now(&broker) > outcome.acknowledged.len()).then_some(()))
    })
    .unwrap();
    stop_in_a_transaction(&mut daemon, &broker);
    let beside = copy.start().unwrap();
    assert_held(&beside, "kafka", &["another history", "older copy", "behind"]);
    daemon.signal(Signal::CONT).unwrap();
    assert_held(&daemon, "kafka", &["taken over by"]);
    outcome.merge(load.stop().unwrap());
    beside.terminate().unwrap();
    daemon.terminate().unwrap();

    let daemon = first.start().unwrap();
    daemon.wait_until_delivered(&["kafka"]).unwrap();
    assert_once_and_in_order(&outcome, &committed(&broker));
}

/// How many events `read_committed` consumers see at this moment.
fn committed_now(broker: &Broker) -> usize {
    TOPICS.iter().map(|topic| broker.visible(topic).unwrap().len()).sum()
}
