//! Transactions whose end is not as it should be.

use std::time::Duration;

use kalends_sink::{Failure, Sink as _};
use kalends_sink_kafka::{KafkaSink, Settings};
use kalends_tests::{
    kafka::Broker,
    wait::{PATIENCE, wait_until},
};

use crate::{
    fixture::{CHECKPOINTS, Fixture, record, sink},
    proxy::Proxy,
};

fn write_and_commit(fixture: &Fixture<'_>, sink: &mut KafkaSink, position: u64) -> Result<(), Failure> {
    let datum = position.to_string();
    sink.write(&[record(position, 0, "k", &datum)])?;
    sink.commit(fixture.checkpoint(position))
}

/// A broker with a proxy before it, and a sink that knows the proxy alone.
fn behind_a_proxy(purpose: &str) -> Option<(Broker, Proxy)> {
    let proxy = Proxy::bind();
    let broker = Broker::start_with(purpose, 1, &["--via", &proxy.port.to_string()]).unwrap()?;
    proxy.serve(broker.listener("proxied").unwrap());
    Some((broker, proxy))
}

fn through(proxy: &Proxy, fixture: &Fixture<'_>) -> Settings {
    let mut settings = fixture.settings();
    settings.brokers = format!("127.0.0.1:{}", proxy.port);
    settings
}

#[test]
fn a_commit_whose_answer_was_lost_and_one_that_never_was_are_told_apart_by_the_checkpoint() {
    let Some((broker, proxy)) = behind_a_proxy("kafka-unknown") else { return };
    let fixture = Fixture::new(&broker, "unknown");
    let mut sink = sink(through(&proxy, &fixture));
    assert_eq!(fixture.connect(&mut sink), None);
    write_and_commit(&fixture, &mut sink, 1).unwrap();

    proxy.mute_at_the_end_of_a_transaction();
    let unknown = write_and_commit(&fixture, &mut sink, 2);
    assert!(matches!(unknown, Err(Failure::Retry { .. })), "{unknown:?}");
    proxy.heal();
    assert_eq!(fixture.connect(&mut sink), Some(fixture.checkpoint(2)), "it had reached the broker");

    sink.write(&[record(3, 0, "k", "3")]).unwrap();
    broker.wait_until_written(fixture.topic(0)).unwrap();
    proxy.mute();
    let unknown = sink.commit(fixture.checkpoint(3));
    assert!(matches!(unknown, Err(Failure::Retry { .. })), "{unknown:?}");
    proxy.heal();
    assert_eq!(fixture.connect(&mut sink), Some(fixture.checkpoint(2)), "it had not");

    write_and_commit(&fixture, &mut sink, 3).unwrap();
    assert_eq!(fixture.datums(0), ["1", "2", "3"]);
}

#[test]
fn a_message_that_expires_aborts_its_transaction_and_is_sent_again() {
    let Some((broker, proxy)) = behind_a_proxy("kafka-expired") else { return };
    let fixture = Fixture::new(&broker, "expired");
    let mut settings = through(&proxy, &fixture);
    settings.transaction_timeout = Duration::from_secs(3);
    settings.request_timeout = Duration::from_secs(10);
    let mut sink = sink(settings);
    fixture.connect(&mut sink);
    write_and_commit(&fixture, &mut sink, 1).unwrap();

    proxy.mute();
    let expired = write_and_commit(&fixture, &mut sink, 2);
    assert!(matches!(expired, Err(Failure::Retry { .. })), "{expired:?}");
    proxy.heal();
    assert_eq!(fixture.connect(&mut sink), Some(fixture.checkpoint(1)));
    write_and_commit(&fixture, &mut sink, 2).unwrap();
    assert_eq!(fixture.datums(0), ["1", "2"]);
}

#[test]
fn a_transactional_id_that_the_cluster_forgot_in_idle_days_is_begun_anew() {
    // Days are a second here.
    let forgetful = [
        "--set",
        "transactional.id.expiration.ms=1000",
        "--set",
        "transaction.remove.expired.transaction.cleanup.interval.ms=200",
        "--set",
        "producer.id.expiration.ms=1000",
        "--set",
        "producer.id.expiration.check.interval.ms=200",
    ];
    let Some(broker) = Broker::start_with("kafka-idle", 1, &forgetful).unwrap() else { return };
    let fixture = Fixture::new(&broker, "idle");
    let mut sink = fixture.sink();
    fixture.connect(&mut sink);
    write_and_commit(&fixture, &mut sink, 1).unwrap();
    wait_until("the cluster to forget", PATIENCE, || {
        let log = broker.visible("__transaction_state")?;
        Ok(log.iter().any(|entry| entry.value.is_empty()).then_some(()))
    })
    .unwrap();

    let mut position = 1;
    while position < 3 {
        match write_and_commit(&fixture, &mut sink, position + 1) {
            Ok(()) => position += 1,
            Err(Failure::Retry { .. }) => {
                assert_eq!(fixture.connect(&mut sink), Some(fixture.checkpoint(position)));
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(fixture.datums(0), ["1", "2", "3"]);
    assert!(!broker.committed(CHECKPOINTS).unwrap().is_empty());
}
