//! Transactions whose end is not as it should be.

use std::time::Duration;

use kalends_sink::{Failure, Sink as _};
use kalends_sink_kafka::{KafkaSink, Settings};
use kalends_tests::{kafka::Broker, proxy::Proxy};

use crate::fixture::{Fixture, record, sink};

fn write_and_commit(fixture: &Fixture<'_>, sink: &mut KafkaSink, position: u64) -> Result<(), Failure> {
    let datum = position.to_string();
    sink.write(&[record(position, 0, "k", &datum)])?;
    sink.commit(fixture.checkpoint(position))
}

/// A broker with a proxy before it, and a sink that knows the proxy alone.
pub(crate) fn behind_a_proxy(purpose: &str) -> Option<(Broker, Proxy)> {
    let proxy = Proxy::bind().unwrap();
    let broker = Broker::start_with(purpose, 1, &["--via", &proxy.port().to_string()]).unwrap()?;
    proxy.serve(broker.listener("proxied").unwrap()).unwrap();
    Some((broker, proxy))
}

fn through(proxy: &Proxy, fixture: &Fixture<'_>) -> Settings {
    let mut settings = fixture.settings();
    settings.brokers = format!("127.0.0.1:{}", proxy.port());
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
