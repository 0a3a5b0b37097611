use std::{fs, path::Path};

use kalends_tests::{Daemon, Installation, config, event, tree, wait::PATIENCE, wait_until};

pub(crate) fn post(daemon: &Daemon, name: &str, events: u64) {
    for number in 0..events {
        let answer = daemon.post(event::webhook(&format!("{name}-{number}"), number)).unwrap();
        assert_eq!(answer.status, 200, "a sink on hold is nothing to the sender");
    }
}

/// Waits until `/status` says that the sink holds, and names one of these causes; then the log must name it too.
pub(crate) fn assert_held(daemon: &Daemon, sink: &str, causes: &[&str]) {
    let named = |text: &str| causes.iter().any(|cause| text.contains(cause));
    wait_until("the hold's cause in /status", PATIENCE, || {
        let status = daemon.wait_until_on_hold(sink)?;
        anyhow::ensure!(named(&status), "none of {causes:?} in {status}");
        Ok(Some(()))
    })
    .unwrap();
    let log = daemon.log().unwrap();
    assert!(named(&log), "none of {causes:?} in the log:\n{log}");
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
    assert_held(&daemon, "files", &["older copy"]);
    // The journal now grows past the sink's position, with other events.
    post(&daemon, "other", 10);
    assert_held(&daemon, "files", &["another history"]);
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
    // What the journal's side has noted of it is gone, too: only the files tell that there was one.
    fs::remove_dir_all(installation.path("journal/sinks")).unwrap();
    let daemon = installation.start().unwrap();
    assert_held(&daemon, "files", &["manifest"]);
    daemon.terminate().unwrap();
    assert_eq!(installation.records().unwrap().len(), 5, "nothing repeated in silence");
}

#[test]
fn seek_ends_the_hold_of_a_damaged_or_missing_manifest_at_once() {
    for damage in [|path: &Path| fs::write(path, "{").unwrap(), |path: &Path| fs::remove_file(path).unwrap()]
    {
        let installation = Installation::new(&config::files()).unwrap();
        let daemon = installation.start().unwrap();
        post(&daemon, "before", 5);
        daemon.wait_until_delivered(&["files"]).unwrap();
        daemon.terminate().unwrap();
        damage(&installation.path("events/.kalends/manifest.json"));
        let daemon = installation.start().unwrap();
        post(&daemon, "after", 5);
        assert_held(&daemon, "files", &["`kalends sinks seek files --to WHERE -c "]);
        let sought = ["sinks", "-c", "kalends.yaml", "seek", "files", "--to", "6", "--yes"];
        let output = installation.run(sought).unwrap();
        assert!(output.status.success(), "{output:?}");
        daemon.wait_until_delivered(&["files"]).unwrap();
        daemon.terminate().unwrap();
        assert_eq!(installation.records().unwrap().len(), 10, "nothing skipped, nothing repeated");
    }
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

#[test]
fn a_copied_directory_beside_the_first_writes_nothing_into_its_files() {
    let first = Installation::new(&config::files()).unwrap();
    let daemon = first.start().unwrap();
    post(&daemon, "common", 3);
    daemon.wait_until_delivered(&["files"]).unwrap();
    let copy =
        Installation::new(&config::files().replace("./events", &first.path("events").display().to_string()));
    let copy = copy.unwrap();
    tree::copy(&first.path("journal"), &copy.path("journal")).unwrap();

    let beside = copy.start().unwrap();
    post(&beside, "beside", 3);
    assert_held(&beside, "files", &["in use by another process"]);
    post(&daemon, "first", 3);
    daemon.wait_until_delivered(&["files"]).unwrap();
    daemon.terminate().unwrap();
    assert_eq!(first.records().unwrap().len(), 6);

    // The first has ended, so the lock is free now; but the copy's history is another one from here on.
    assert_held(&beside, "files", &["another history"]);
    beside.terminate().unwrap();
    assert_eq!(first.records().unwrap().len(), 6);
}
