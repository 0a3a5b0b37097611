//! What an operator does about a hold: `kalends sinks list`, `seek`, `skip` and `resume`.

use std::{collections::BTreeSet, fs};

use kalends_tests::{Daemon, Installation, config, kafka::Broker, topic, wait::PATIENCE, wait_until};
use serde_json::{Value, json};

use crate::{
    exactly_once::times,
    files_sink_holds::{assert_held, post},
    kafka_kills::committed,
};

/// Runs `kalends sinks` with these arguments. Returns its exit code and all that it said.
fn sinks(installation: &Installation, arguments: &[&str]) -> (Option<i32>, String) {
    let all = ["sinks"].iter().chain(arguments).chain(&["-c", "kalends.yaml"]).copied();
    let output = installation.run(all.collect::<Vec<_>>()).unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout) + &text(&output.stderr))
}

fn assert_done(installation: &Installation, arguments: &[&str], said: &str) {
    let (code, all) = sinks(installation, arguments);
    assert!(code == Some(0) && all.contains(said), "{arguments:?} ends with {code:?}: {all}");
}

fn stop(daemon: Daemon) {
    assert_eq!(daemon.terminate().unwrap().code(), Some(0));
}

#[test]
fn a_kafka_sink_whose_checkpoint_is_gone_goes_on_where_it_is_told() {
    let Some(broker) = Broker::start("seek").unwrap() else { return };
    let installation = Installation::new(&config::kafka(broker.bootstrap())).unwrap();
    let daemon = installation.start().unwrap();
    post(&daemon, "before", 3);
    daemon.wait_until_delivered(&["kafka"]).unwrap();
    stop(daemon);
    assert_done(&installation, &["list"], "unknown  3         0");
    topic::delete(broker.bootstrap(), "kalends.checkpoints").unwrap();

    let daemon = installation.start().unwrap();
    post(&daemon, "after", 3);
    assert_held(&daemon, "kafka", &["kalends sinks seek kafka --to 4"]);
    let (code, said) = sinks(&installation, &["seek", "kafka", "--to", "1"]);
    assert!(code == Some(64) && said.contains("positions 1 to 3 are delivered to it again"), "{said}");
    // Exactly where it was: nothing is skipped and nothing repeated, and still it only tells without --yes.
    let (code, said) = sinks(&installation, &["seek", "kafka", "--to", "4"]);
    assert!(code == Some(64) && said.contains("nothing was changed"), "{said}");
    assert_eq!(committed(&broker).len(), 3);
    assert_done(&installation, &["seek", "kafka", "--to", "4", "--yes"], "done");
    daemon.wait_until_delivered(&["kafka"]).unwrap();
    let delivered = committed(&broker);
    assert_eq!(delivered.len(), 6);
    assert!(times(&delivered).values().all(|times| *times == 1));

    // Back behind what this run has passed: delivery begins again for it, so that duplicates are known.
    post(&daemon, "after", 3);
    daemon.wait_until_delivered(&["kafka"]).unwrap();
    assert_done(&installation, &["seek", "kafka", "--to", "2", "--yes"], "it goes on with position 2");
    wait_until("the seek", PATIENCE, || {
        Ok(daemon.log()?.contains("goes on where an operator wants it").then_some(()))
    })
    .unwrap();
    daemon.wait_until_delivered(&["kafka"]).unwrap();
    stop(daemon);
    let delivered = committed(&broker);
    let twice = times(&delivered).values().filter(|times| **times == 2).count();
    assert_eq!((delivered.len(), twice), (11, 5), "positions 2 to 6 again, and no duplicate of theirs");
}

#[test]
fn a_sink_that_was_taken_over_takes_over_again_when_it_is_told_to() {
    let Some(broker) = Broker::start("resume").unwrap() else { return };
    let first = Installation::new(&config::kafka(broker.bootstrap())).unwrap();
    let daemon = first.start().unwrap();
    post(&daemon, "common", 3);
    daemon.wait_until_delivered(&["kafka"]).unwrap();
    let copy = first.copy().unwrap();
    let beside = copy.start().unwrap();
    beside.wait_until_delivered(&["kafka"]).unwrap();
    post(&daemon, "first", 3);
    assert_held(&daemon, "kafka", &["kalends sinks resume kafka"]);
    stop(beside);
    assert_done(&first, &["resume", "kafka"], "tries again");
    daemon.wait_until_delivered(&["kafka"]).unwrap();
    assert_eq!(committed(&broker).len(), 6);
    stop(daemon);
    let (code, said) = sinks(&first, &["resume", "kafka"]);
    assert!(code == Some(69) && said.contains("start it"), "without a daemon: {said}");
}

/// What a loader does with published files.
fn load_away(installation: &Installation) {
    for entry in fs::read_dir(installation.path("events")).unwrap().map(Result::unwrap) {
        if !entry.file_name().to_string_lossy().starts_with('.') {
            fs::remove_dir_all(entry.path()).unwrap();
        }
    }
}

#[test]
fn a_files_sink_skips_and_repeats_what_it_is_told_to() {
    let installation = Installation::new(&config::files()).unwrap();
    let daemon = installation.start().unwrap();
    post(&daemon, "event", 5);
    daemon.wait_until_delivered(&["files"]).unwrap();
    stop(daemon);
    let (code, said) = sinks(&installation, &["seek", "file", "--to", "3"]);
    assert!(code == Some(64) && said.contains("there is files"), "{said}");
    let (code, said) = sinks(&installation, &["seek", "files", "--to", "9", "--yes"]);
    assert!(code == Some(65) && said.contains("1 to 5"), "{said}");
    assert_done(&installation, &["seek", "files", "--to", "3", "--yes"], "ordered");
    load_away(&installation);

    let daemon = installation.start().unwrap();
    wait_until("the records", PATIENCE, || Ok((installation.records()?.len() == 3).then_some(()))).unwrap();
    daemon.wait_until_delivered(&["files"]).unwrap();
    stop(daemon);
    let again = installation.records().unwrap();
    let positions: BTreeSet<_> = again.iter().map(|record| record.number("journal_position")).collect();
    assert_eq!(positions, BTreeSet::from([Some(3), Some(4), Some(5)]));

    // An order to go on behind everything, in place of one that waits.
    assert_done(&installation, &["seek", "files", "--to", "earliest", "--yes"], "ordered");
    assert_done(&installation, &["seek", "files", "--to", "latest", "--yes"], "ordered");
    let daemon = installation.start().unwrap();
    post(&daemon, "later", 1);
    daemon.wait_until_delivered(&["files"]).unwrap();
    stop(daemon);
    assert_eq!(installation.records().unwrap().len(), 4);
    let decisions = fs::read_to_string(installation.path("journal/sinks/files.decisions.jsonl")).unwrap();
    assert_eq!(decisions.lines().count(), 2, "{decisions}");
}

/// What a program reads of the one sink.
fn listed(installation: &Installation) -> Value {
    told(installation, &["list"]).1
}

#[test]
fn a_seek_that_waits_is_shown_and_can_be_taken_back() {
    let installation = Installation::new(&config::files()).unwrap();
    let daemon = installation.start().unwrap();
    post(&daemon, "event", 5);
    daemon.wait_until_delivered(&["files"]).unwrap();
    stop(daemon);
    assert_done(&installation, &["seek", "files", "--to", "2", "--yes"], "ordered");
    assert_eq!(listed(&installation)["seek_to"], 2);
    assert_done(&installation, &["list"], "files has a seek that waits, to go on with position 2");
    assert_done(&installation, &["seek", "files", "--cancel"], "position 2, is taken back");
    assert_eq!(listed(&installation)["seek_to"], Value::Null);
    assert_done(&installation, &["seek", "files", "--cancel"], "no seek of files waits");
    let daemon = installation.start().unwrap();
    post(&daemon, "later", 1);
    daemon.wait_until_delivered(&["files"]).unwrap();
    assert_eq!(daemon.status().unwrap()["sinks"][0]["seek_to"], Value::Null);
    stop(daemon);
    assert_eq!(installation.records().unwrap().len(), 6);
}

#[test]
fn a_running_daemon_goes_back_at_once_and_passes_over_duplicates() {
    let installation = Installation::new(&config::files()).unwrap();
    let daemon = installation.start().unwrap();
    post(&daemon, "event", 5);
    post(&daemon, "event", 5);
    daemon.wait_until_delivered(&["files"]).unwrap();
    load_away(&installation);
    assert_done(&installation, &["seek", "files", "--to", "3", "--yes"], "it goes on with position 3");
    wait_until("the records", PATIENCE, || Ok((installation.records()?.len() == 3).then_some(()))).unwrap();
    daemon.wait_until_delivered(&["files"]).unwrap();
    assert_eq!(listed(&installation)["seek_to"], Value::Null);
    post(&daemon, "later", 1);
    daemon.wait_until_delivered(&["files"]).unwrap();
    stop(daemon);
    assert_eq!(installation.records().unwrap().len(), 4, "what repeats an event is still known");
}

/// The one object that a command prints.
fn told(installation: &Installation, arguments: &[&str]) -> (Option<i32>, Value) {
    let all = ["sinks"].iter().chain(arguments).chain(&["--json", "-c", "kalends.yaml"]).copied();
    let output = installation.run(all.collect::<Vec<_>>()).unwrap();
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn programs_are_told_what_an_order_means_and_what_became_of_it() {
    let installation = Installation::new(&config::files()).unwrap();
    let daemon = installation.start().unwrap();
    post(&daemon, "event", 3);
    daemon.wait_until_delivered(&["files"]).unwrap();
    let taken_up = json!({ "sink": "files", "tries_again": true });
    assert_eq!(told(&installation, &["resume", "files"]), (Some(0), taken_up));
    stop(daemon);

    let order = |outcome: &str| {
        json!({
            "sink": "files", "delivered": 3, "delivered_as_told_by": "note", "goes_on_with": 2,
            "skipped": null, "repeated": { "first": 2, "last": 3 }, "outcome": outcome,
        })
    };
    let back = ["seek", "files", "--to", "2"];
    assert_eq!(told(&installation, &back), (Some(64), order("refused")));
    let nobody = json!({ "sink": "files", "tries_again": false });
    assert_eq!(
        told(&installation, &["resume", "files"]),
        (Some(69), nobody),
        "nothing waits that could be first"
    );
    assert_eq!(told(&installation, &[&back[..], &["--yes"]].concat()), (Some(0), order("ordered")));
}

#[test]
fn a_record_that_an_operator_skips_becomes_a_dead_letter_and_its_neighbours_arrive() {
    let installation = Installation::new(&config::files()).unwrap();
    fs::write(installation.path("events"), "in the way").unwrap();
    let daemon = installation.start().unwrap();
    post(&daemon, "event", 3);
    let (code, said) = sinks(&installation, &["skip", "files", "--at", "2"]);
    assert!(code == Some(64) && said.contains("gets a dead letter in its place"), "{said}");
    assert!(said.contains("nothing was changed; add --yes"), "{said}");
    let (code, said) = sinks(&installation, &["skip", "files", "--at", "9", "--yes"]);
    assert!(code == Some(65) && said.contains("1 to 3"), "{said}");
    assert_done(&installation, &["skip", "files", "--at", "2", "--yes"], "done");
    stop(daemon);
    let record = fs::read_to_string(installation.path("journal/sinks/files.decisions.jsonl")).unwrap();
    assert!(record.contains("\"skip\"") && record.contains("\"position\":2"), "{record}");

    assert_done(&installation, &["skip", "files", "--at", "3", "--yes"], "ordered");
    assert_done(&installation, &["list"], "to skip position 3");
    assert_done(&installation, &["skip", "files", "--cancel"], "taken back");
    fs::remove_file(installation.path("events")).unwrap();
    let daemon = installation.start().unwrap();
    daemon.wait_until_delivered(&["files"]).unwrap();
    stop(daemon);
    let (code, said) = sinks(&installation, &["skip", "files", "--at", "2", "--yes"]);
    assert!(code == Some(65) && said.contains("delivered to files already"), "{said}");
    let records = installation.records().unwrap();
    let letters = records.iter().filter(|record| record.topic.ends_with("dead-letter"));
    let letters: Vec<_> = letters.map(|record| record.number("journal_position")).collect();
    assert_eq!((records.len(), letters), (3, vec![Some(2)]));
}
