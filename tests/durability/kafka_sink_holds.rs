use std::fs;

use kalends_tests::{Installation, Record, config, kafka::Broker, topic, tree};

use crate::{
    exactly_once::times,
    files_sink_holds::{assert_held, post},
    kafka_kills::committed,
};

fn ids(records: &[Record]) -> Vec<&str> {
    times(records).into_keys().collect()
}

#[test]
fn a_backup_of_the_journal_put_back_holds_the_kafka_sink() {
    let Some(broker) = Broker::start("backup").unwrap() else { return };
    let installation = Installation::new(&config::kafka(broker.bootstrap())).unwrap();
    let daemon = installation.start().unwrap();
    post(&daemon, "kept", 3);
    daemon.wait_until_delivered(&["kafka"]).unwrap();
    daemon.terminate().unwrap();
    tree::copy(&installation.path("journal"), &installation.path("backup")).unwrap();

    let daemon = installation.start().unwrap();
    post(&daemon, "lost", 3);
    daemon.wait_until_delivered(&["kafka"]).unwrap();
    daemon.terminate().unwrap();
    fs::remove_dir_all(installation.path("journal")).unwrap();
    fs::rename(installation.path("backup"), installation.path("journal")).unwrap();

    let daemon = installation.start().unwrap();
    post(&daemon, "other", 6);
    assert_held(&daemon, "kafka", &["another history", "older copy"]);
    daemon.terminate().unwrap();
    assert_eq!(committed(&broker).len(), 6, "nothing skipped, nothing repeated in silence");
}

#[test]
fn of_a_copied_directory_beside_the_first_only_one_delivers() {
    let Some(broker) = Broker::start("copied").unwrap() else { return };
    let first = Installation::new(&config::kafka(broker.bootstrap())).unwrap();
    let daemon = first.start().unwrap();
    post(&daemon, "common", 3);
    daemon.wait_until_delivered(&["kafka"]).unwrap();
    let copy = first.copy().unwrap();
    let beside = copy.start().unwrap();
    post(&beside, "beside", 3);
    beside.wait_until_delivered(&["kafka"]).unwrap();

    post(&daemon, "first", 3);
    assert_held(&daemon, "kafka", &["taken over by"]);
    beside.terminate().unwrap();
    daemon.terminate().unwrap();
    let delivered = committed(&broker);
    assert_eq!(ids(&delivered), ["beside-0", "beside-1", "beside-2", "common-0", "common-1", "common-2"]);
    assert!(times(&delivered).values().all(|times| *times == 1));

    // The first one finds another history at its position now, and must not go on as if it were its own.
    let daemon = first.start().unwrap();
    assert_held(&daemon, "kafka", &["another history", "older copy"]);
    daemon.terminate().unwrap();
    assert_eq!(committed(&broker).len(), 6);
}

#[test]
fn a_deleted_checkpoint_topic_holds_the_sink() {
    let Some(broker) = Broker::start("checkpoint").unwrap() else { return };
    let installation = Installation::new(&config::kafka(broker.bootstrap())).unwrap();
    let daemon = installation.start().unwrap();
    post(&daemon, "before", 3);
    daemon.wait_until_delivered(&["kafka"]).unwrap();
    daemon.terminate().unwrap();
    topic::delete(broker.bootstrap(), "kalends.checkpoints").unwrap();

    let daemon = installation.start().unwrap();
    post(&daemon, "after", 3);
    assert_held(&daemon, "kafka", &["checkpoint is gone"]);
    daemon.terminate().unwrap();
    assert_eq!(committed(&broker).len(), 3, "nothing repeated in silence");
}
