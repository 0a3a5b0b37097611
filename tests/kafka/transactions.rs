//! Records and checkpoint together or not at all.

use std::time::Duration;

use kalends_sink::{Failure, Sink as _};
use rdkafka::{
    ClientConfig,
    producer::{BaseProducer, BaseRecord, Producer as _},
};

use crate::fixture::{Fixture, record, shared_broker, sink};

#[test]
fn what_was_written_and_not_committed_is_invisible_and_gone_after_the_next_connect() {
    let Some(broker) = shared_broker() else { return };
    let fixture = Fixture::new(broker, "uncommitted");
    let mut sink = fixture.sink();
    fixture.connect(&mut sink);
    sink.write(&[record(1, 0, "k", "kept")]).unwrap();
    sink.commit(fixture.checkpoint(1)).unwrap();
    sink.write(&[record(2, 0, "k", "lost"), record(3, 1, "k", "lost")]).unwrap();
    broker.wait_until_written(fixture.topic(1)).unwrap();
    assert_eq!(broker.visible(fixture.topic(1)).unwrap(), []);

    assert_eq!(fixture.connect(&mut sink), Some(fixture.checkpoint(1)));
    assert_eq!(fixture.datums(0), ["kept"]);
    sink.write(&[record(2, 0, "k", "again")]).unwrap();
    sink.commit(fixture.checkpoint(2)).unwrap();
    assert_eq!(fixture.datums(0), ["kept", "again"]);
    assert_eq!(fixture.datums(1), [""; 0]);
}

#[test]
fn a_checkpoint_comes_back_to_a_new_process() {
    let Some(broker) = shared_broker() else { return };
    let fixture = Fixture::new(broker, "roundtrip");
    let mut first = fixture.sink();
    fixture.connect(&mut first);
    for position in [7, 9] {
        first.commit(fixture.checkpoint(position)).unwrap();
    }
    drop(first);
    assert_eq!(fixture.connect(&mut fixture.sink()), Some(fixture.checkpoint(9)));
    // The claim of that one carries the checkpoint on.
    assert_eq!(fixture.connect(&mut fixture.sink()), Some(fixture.checkpoint(9)));
}

#[test]
fn sinks_and_journals_do_not_see_each_others_checkpoints() {
    let Some(broker) = shared_broker() else { return };
    let (one, other) = (Fixture::new(broker, "mine"), Fixture::new(broker, "theirs"));
    let mut first = one.sink();
    one.connect(&mut first);
    first.commit(one.checkpoint(5)).unwrap();
    assert_eq!(other.connect(&mut other.sink()), None);
    let mut settings = one.settings();
    settings.name = "second".into();
    assert_eq!(one.connect(&mut sink(settings)), None);
}

#[test]
fn a_deleted_checkpoint_topic_leaves_no_checkpoint() {
    let Some(broker) = shared_broker() else { return };
    let fixture = Fixture::new(broker, "deleted");
    let mut settings = fixture.settings();
    settings.checkpoint_topic = "deleted.checkpoints".into();
    let mut first = sink(settings.clone());
    fixture.connect(&mut first);
    first.commit(fixture.checkpoint(3)).unwrap();
    drop(first);
    broker.delete_topic("deleted.checkpoints").unwrap();
    assert_eq!(fixture.connect(&mut sink(settings)), None);
}

/// Somebody else's open transaction hides everything behind it from `read_committed` consumers. A sink that
/// took the visible end for the topic's end would start from an older checkpoint and deliver twice; and one that
/// fails there has written no claim yet, so that its predecessor's is no takeover.
#[test]
fn a_checkpoint_behind_a_strangers_open_transaction_is_waited_for() {
    let Some(broker) = shared_broker() else { return };
    let fixture = Fixture::new(broker, "hidden");
    let mut settings = fixture.settings();
    settings.checkpoint_topic = "hidden.checkpoints".into();
    settings.request_timeout = Duration::from_secs(2);
    let mut first = sink(settings.clone());
    fixture.connect(&mut first);
    first.commit(fixture.checkpoint(1)).unwrap();

    let stranger: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", broker.bootstrap())
        .set("transactional.id", "a-stranger")
        .create()
        .unwrap();
    let patience = Duration::from_secs(10);
    stranger.init_transactions(patience).unwrap();
    stranger.begin_transaction().unwrap();
    stranger.send(BaseRecord::to("hidden.checkpoints").key("stranger").payload("{}")).unwrap();
    stranger.flush(patience).unwrap();
    first.commit(fixture.checkpoint(2)).unwrap();
    drop(first);

    let mut second = sink(settings);
    let failure = second.connect(fixture.journal, &fixture.streams).unwrap_err();
    assert!(matches!(&failure, Failure::Retry { message } if message.contains("open")), "{failure:?}");
    stranger.abort_transaction(patience).unwrap();
    assert_eq!(fixture.connect(&mut second), Some(fixture.checkpoint(2)));
}

#[test]
fn a_transaction_that_took_too_long_is_run_again_and_not_taken_for_a_takeover() {
    let Some(broker) = shared_broker() else { return };
    let fixture = Fixture::new(broker, "slow");
    let mut settings = fixture.settings();
    settings.transaction_timeout = Duration::from_secs(1);
    let mut sink = sink(settings);
    fixture.connect(&mut sink);
    sink.write(&[record(1, 0, "k", "late")]).unwrap();
    broker.wait_until_written(fixture.topic(0)).unwrap();
    assert_eq!(fixture.datums(0), [""; 0]);
    let failure = sink.commit(fixture.checkpoint(1)).unwrap_err();
    assert!(matches!(&failure, Failure::Retry { .. }), "{failure:?}");

    assert_eq!(fixture.connect(&mut sink), None);
    sink.write(&[record(1, 0, "k", "again")]).unwrap();
    sink.commit(fixture.checkpoint(1)).unwrap();
    assert_eq!(fixture.datums(0), ["again"]);
}
