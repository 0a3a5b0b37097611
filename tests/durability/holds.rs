use std::fs;

use kalends_tests::{Daemon, Installation, config, event, tree};

pub(crate) fn post(daemon: &Daemon, name: &str, events: u64) {
    for number in 0..events {
        let answer = daemon.post(event::webhook(&format!("{name}-{number}"), number)).unwrap();
        assert_eq!(answer.status, 200, "a sink on hold is nothing to the sender");
    }
}

/// What `/status` must say: which sink, that it holds, and a word of the cause.
pub(crate) fn assert_held(daemon: &Daemon, sink: &str, cause: &[&str]) {
    let status = daemon.wait_until_on_hold(sink).unwrap();
    let said = status.to_lowercase();
    assert!(cause.iter().any(|word| said.contains(word)), "none of {cause:?} in {status}");
    let log = daemon.log().unwrap().to_lowercase();
    assert!(cause.iter().any(|word| log.contains(word)), "the log doesn't name the cause:\n{log}");
}

#[test]
fn a_backup_of_the_journal_put_back_holds_the_sink() {
    let installation = Installation::new(&config::files()).unwrap();
    let daemon = installation.start().unwrap();
    post(&daemon, "kept", 5);
    daemon.wait_until_delivered(&["files"]).unwrap();
    daemon.terminate().unwrap();
    tree::copy(&installation.path("journal"), &installation.path("backup")).unwrap();

    let daemon = installation.start().unwrap();
    post(&daemon, "lost", 5);
    daemon.wait_until_delivered(&["files"]).unwrap();
    daemon.terminate().unwrap();
    fs::remove_dir_all(installation.path("journal")).unwrap();
    fs::rename(installation.path("backup"), installation.path("journal")).unwrap();

    let daemon = installation.start().unwrap();
    assert_held(&daemon, "files", &["another history", "older copy"]);
    // The journal now grows past the sink's position, with other events.
    post(&daemon, "other", 10);
    assert_held(&daemon, "files", &["another history", "older copy"]);
    daemon.terminate().unwrap();
    assert_eq!(installation.records().unwrap().len(), 10, "nothing skipped, nothing repeated in silence");
}

#[test]
fn a_checkpoint_that_is_gone_holds_the_sink() {
    let installation = Installation::new(&config::files()).unwrap();
    let daemon = installation.start().unwrap();
    post(&daemon, "before", 5);
    daemon.wait_until_delivered(&["files"]).unwrap();
    daemon.terminate().unwrap();
    fs::remove_dir_all(installation.path("events/.kalends")).unwrap();

    let daemon = installation.start().unwrap();
    post(&daemon, "after", 5);
    assert_held(&daemon, "files", &["checkpoint is gone", "manifest"]);
    daemon.terminate().unwrap();
    assert_eq!(installation.records().unwrap().len(), 5, "nothing repeated in silence");
}

#[test]
fn a_new_journal_starts_where_the_configuration_says_and_holds_nothing() {
    let installation = Installation::new(&config::files()).unwrap();
    let daemon = installation.start().unwrap();
    post(&daemon, "old", 5);
    daemon.wait_until_delivered(&["files"]).unwrap();
    daemon.terminate().unwrap();
    fs::remove_dir_all(installation.path("journal")).unwrap();

    let daemon = installation.start().unwrap();
    post(&daemon, "new", 5);
    daemon.wait_until_delivered(&["files"]).unwrap();
    daemon.terminate().unwrap();
    assert_eq!(installation.records().unwrap().len(), 10);
}
