//! What other versions have left in the cluster.

use kalends_sink::{Checkpoint, Failure, JournalId, Sink as _};
use kalends_tests::wait::PATIENCE;
use rdkafka::{
    ClientConfig,
    producer::{BaseProducer, BaseRecord, Producer as _},
};

use crate::fixture::{CHECKPOINTS, Fixture, record, shared_broker};

const KEY: &str = include_str!("../fixtures/checkpoints/0.1/key");
const COMMIT: &str = include_str!("../fixtures/checkpoints/0.1/commit.json");

/// The sink of the fixture's journal.
fn fixture(topics: &str) -> Option<Fixture<'static>> {
    let fixture = Fixture::new(shared_broker()?, topics);
    Some(Fixture { journal: JournalId::new(*b"released\0\0\0\0\0\0\0\0"), ..fixture })
}

fn leave(fixture: &Fixture<'_>, value: &str) {
    let mut config = ClientConfig::new();
    let producer: BaseProducer =
        config.set("bootstrap.servers", fixture.broker.bootstrap()).create().unwrap();
    producer.send(BaseRecord::to(CHECKPOINTS).partition(0).key(KEY).payload(value)).unwrap();
    producer.flush(PATIENCE).unwrap();
}

#[test]
fn a_checkpoint_of_version_0_1_is_gone_on_from_and_one_of_a_newer_version_is_a_hold() {
    let Some(fixture) = fixture("released") else { return };
    // Makes the topics.
    fixture.connect(&mut fixture.sink());
    leave(&fixture, COMMIT);
    let known = Checkpoint {
        journal: fixture.journal,
        shard: 0,
        position: 48_213,
        chain: 13_176_245_766_935_394_011,
    };
    let mut sink = fixture.sink();
    assert_eq!(fixture.connect(&mut sink), Some(known));
    sink.write(&[record(48_214, 0, "k", "next")]).unwrap();
    sink.commit(fixture.checkpoint(48_214)).unwrap();

    leave(&fixture, &COMMIT.replace("\"version\":1", "\"version\":2,\"new\":true"));
    let failure = fixture.sink().connect(fixture.journal, &fixture.streams).unwrap_err();
    let Failure::Hold { message } = &failure else { panic!("{failure:?}") };
    assert!(message.contains("its version is 2") && message.contains("newer kalends"), "{message}");
    assert_eq!(fixture.datums(0), ["next"]);
}
