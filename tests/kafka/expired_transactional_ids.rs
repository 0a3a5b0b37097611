//! A cluster forgets transactional ids that nobody has used for days: a quiet weekend, and the producer is a stranger.

use kalends_sink::{Failure, Sink as _};
use kalends_sink_kafka::KafkaSink;
use kalends_tests::{
    kafka::Broker,
    wait::{PATIENCE, wait_until},
};

use crate::fixture::{Fixture, record};

/// Days, in two seconds.
const FORGETFUL: [&str; 4] = [
    "--set",
    "transactional.id.expiration.ms=2000",
    "--set",
    "transaction.remove.expired.transaction.cleanup.interval.ms=500",
];

fn deliver(fixture: &Fixture<'_>, sink: &mut KafkaSink, position: u64) -> Result<(), Failure> {
    let datum = position.to_string();
    sink.write(&[record(position, 0, "k", &datum)])?;
    sink.commit(fixture.checkpoint(position))
}

/// Waits until the cluster has put on record that it has forgotten every transactional id that contains `part`.
fn wait_until_forgotten(broker: &Broker, part: &str) {
    wait_until("the end of a transactional id", PATIENCE, || {
        let log = broker.visible("__transaction_state")?;
        let last = log.iter().rfind(|message| message.key.contains(part));
        Ok(last.filter(|last| last.value.is_empty()).map(drop))
    })
    .unwrap();
}

#[test]
fn a_transactional_id_that_the_cluster_has_forgotten_is_claimed_again_and_nothing_is_lost_or_doubled() {
    let Some(broker) = Broker::start_with("kafka-idle", 1, &FORGETFUL).unwrap() else { return };
    let fixture = Fixture::new(&broker, "idle");
    let mut sink = fixture.sink();
    fixture.connect(&mut sink);
    deliver(&fixture, &mut sink, 1).unwrap();

    wait_until_forgotten(&broker, &fixture.journal.to_string());
    let forgotten = deliver(&fixture, &mut sink, 2).unwrap_err();
    assert!(matches!(&forgotten, Failure::Retry { .. }), "{forgotten:?}");
    assert_eq!(fixture.connect(&mut sink), Some(fixture.checkpoint(1)));
    deliver(&fixture, &mut sink, 2).unwrap();

    // Who comes back after somebody else has begun anew finds their claim, though nobody has fenced it.
    wait_until_forgotten(&broker, &fixture.journal.to_string());
    let mut other = fixture.sink();
    assert_eq!(fixture.connect(&mut other), Some(fixture.checkpoint(2)));
    deliver(&fixture, &mut sink, 3).unwrap_err();
    let off = sink.connect(fixture.journal, &fixture.streams).unwrap_err();
    assert!(matches!(&off, Failure::Hold { message } if message.contains("taken over")), "{off:?}");
    deliver(&fixture, &mut other, 3).unwrap();
    assert_eq!(fixture.datums(0), ["1", "2", "3"]);
}
