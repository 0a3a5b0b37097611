//! A journal that was put back from a backup: it is adopted, and nothing is lost, delivered twice, or given the name of another event.

use std::{collections::BTreeSet, fs, path::Path};

use kalends_tests::{Daemon, Installation, Record, config, kafka::Broker, tree};
use serde_json::Value;

use crate::{
    exactly_once::times,
    files_sink_holds::{assert_held, post},
    kafka_kills::committed,
};

fn stop(daemon: Daemon) {
    assert_eq!(daemon.terminate().unwrap().code(), Some(0));
}

/// Runs `kalends journal adopt` and returns its exit code and the object that it prints.
fn adopt(installation: &Installation, more: &[&str]) -> (Option<i32>, Value) {
    let all = ["journal", "adopt", "--json", "-c", "kalends.yaml"].iter().chain(more).copied();
    let output = installation.run(all.collect::<Vec<_>>()).unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (
        output.status.code(),
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}")),
    )
}

fn put_back(installation: &Installation, name: &str, backup: &Path) {
    fs::remove_dir_all(installation.path(name)).unwrap();
    tree::copy(backup, &installation.path(name)).unwrap();
}

/// An installation whose journal is older than what its sinks have: three events are in both, three only at the destinations.
fn put_back_under(configuration: &str, sinks: &[&str]) -> Installation {
    let installation = Installation::new(configuration).unwrap();
    let daemon = installation.start().unwrap();
    post(&daemon, "kept", 3);
    daemon.wait_until_delivered(sinks).unwrap();
    stop(daemon);
    tree::copy(&installation.path("journal"), &installation.path("backup")).unwrap();
    let daemon = installation.start().unwrap();
    post(&daemon, "lost", 3);
    daemon.wait_until_delivered(sinks).unwrap();
    stop(daemon);
    put_back(&installation, "journal", &installation.path("backup"));
    installation
}

/// Each event is there once, and no two have one name.
fn each_once_under_a_name_of_its_own(records: &[Record], events: usize) {
    let times = times(records);
    assert!(times.len() == events && times.values().all(|times| *times == 1), "{times:?}");
    let name =
        |record: &Record| (record.text("journal_id").unwrap().to_owned(), record.number("journal_position"));
    let names: BTreeSet<_> = records.iter().map(name).collect();
    assert_eq!(names.len(), records.len(), "{names:?}");
}

#[test]
fn a_journal_adopted_before_its_first_start_goes_on_without_a_hold() {
    let installation = put_back_under(&config::files(), &["files"]);
    let (code, told) = adopt(&installation, &[]);
    assert_eq!(
        (code, &told["adopted"], &told["last_position"]),
        (Some(64), &false.into(), &3.into()),
        "{told}"
    );
    let (code, done) = adopt(&installation, &["--yes"]);
    assert_eq!((code, &done["former_journal"]), (Some(0), &told["former_journal"]), "{done}");
    let daemon = installation.start().unwrap();
    post(&daemon, "later", 4);
    post(&daemon, "kept", 3);
    daemon.wait_until_delivered(&["files"]).unwrap();
    stop(daemon);
    let records = installation.records().unwrap();
    each_once_under_a_name_of_its_own(&records, 10);
    let later = records.iter().filter(|record| record.text("event_id").unwrap().starts_with("later"));
    assert!(later.clone().all(|record| record.text("journal_id") == done["journal"].as_str()));
}

#[test]
fn webhooks_taken_before_the_adoption_of_an_older_journal_get_new_names() {
    let Some(broker) = Broker::start("adopted").unwrap() else { return };
    let installation = put_back_under(&config::files_and_kafka(broker.bootstrap()), &["files", "kafka"]);
    let daemon = installation.start().unwrap();
    assert_held(&daemon, "kafka", &["kalends journal adopt"]);
    assert_held(&daemon, "files", &["kalends journal adopt"]);
    // The journal grows past what the destinations have.
    post(&daemon, "meanwhile", 6);
    let seek = installation.run(["sinks", "seek", "files", "--to", "latest", "--yes", "-c", "kalends.yaml"]);
    assert!(seek.is_ok());
    assert_held(&daemon, "files", &["another history", "put back"]);
    stop(daemon);
    // Found out once more, where it no longer is what it was at first.
    let daemon = installation.start().unwrap();
    assert_held(&daemon, "kafka", &["another history", "put back"]);
    stop(daemon);
    fs::remove_file(installation.path("journal/sinks/files.order.json")).ok();
    let (code, done) = adopt(&installation, &["--yes"]);
    assert_eq!((code, &done["last_position"], &done["end"]), (Some(0), &3.into(), &9.into()), "{done}");
    let daemon = installation.start().unwrap();
    post(&daemon, "later", 3);
    daemon.wait_until_delivered(&["files", "kafka"]).unwrap();
    stop(daemon);
    each_once_under_a_name_of_its_own(&installation.records().unwrap(), 15);
    each_once_under_a_name_of_its_own(&committed(&broker), 15);
}

#[test]
fn what_an_older_journal_and_an_older_sink_have_in_common_is_delivered_under_its_old_name() {
    let slow = config::files().replace("roll_every: 1s", "roll_every: 1h");
    let installation = Installation::new(&config::files()).unwrap();
    let daemon = installation.start().unwrap();
    post(&daemon, "delivered", 3);
    daemon.wait_until_delivered(&["files"]).unwrap();
    stop(daemon);
    installation.configure(&slow).unwrap();
    let daemon = installation.start().unwrap();
    post(&daemon, "waiting", 3);
    daemon.kill().unwrap();
    tree::copy(&installation.path("journal"), &installation.path("backup")).unwrap();
    tree::copy(&installation.path("events"), &installation.path("older-events")).unwrap();
    installation.configure(&config::files()).unwrap();
    let daemon = installation.start().unwrap();
    post(&daemon, "lost", 3);
    daemon.wait_until_delivered(&["files"]).unwrap();
    stop(daemon);
    put_back(&installation, "journal", &installation.path("backup"));
    put_back(&installation, "events", &installation.path("older-events"));
    let (code, done) = adopt(&installation, &["--yes"]);
    assert_eq!((code, &done["last_position"]), (Some(0), &6.into()), "{done}");
    let daemon = installation.start().unwrap();
    post(&daemon, "later", 3);
    daemon.wait_until_delivered(&["files"]).unwrap();
    stop(daemon);
    let records = installation.records().unwrap();
    each_once_under_a_name_of_its_own(&records, 9);
    let waiting = records.iter().filter(|record| record.text("event_id").unwrap().starts_with("waiting"));
    assert!(waiting.clone().all(|record| record.text("journal_id") == done["former_journal"].as_str()));
}

#[test]
fn the_right_journal_put_back_after_all_ends_the_hold() {
    let installation = Installation::new(&config::files()).unwrap();
    let daemon = installation.start().unwrap();
    post(&daemon, "kept", 3);
    daemon.wait_until_delivered(&["files"]).unwrap();
    stop(daemon);
    tree::copy(&installation.path("journal"), &installation.path("backup")).unwrap();
    let daemon = installation.start().unwrap();
    post(&daemon, "lost", 3);
    daemon.wait_until_delivered(&["files"]).unwrap();
    stop(daemon);
    tree::copy(&installation.path("journal"), &installation.path("right")).unwrap();
    put_back(&installation, "journal", &installation.path("backup"));
    let daemon = installation.start().unwrap();
    assert_held(&daemon, "files", &["older copy"]);
    stop(daemon);
    // Even where the note of the hold stays.
    let note = fs::read(installation.path("journal/sinks/put-back.json")).unwrap();
    put_back(&installation, "journal", &installation.path("right"));
    fs::write(installation.path("journal/sinks/put-back.json"), note).unwrap();
    let daemon = installation.start().unwrap();
    post(&daemon, "later", 3);
    daemon.wait_until_delivered(&["files"]).unwrap();
    stop(daemon);
    each_once_under_a_name_of_its_own(&installation.records().unwrap(), 9);
    assert!(!installation.path("journal/sinks/put-back.json").exists());
}
