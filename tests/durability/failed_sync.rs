use std::fs;

use kalends_tests::{
    Installation, config, event,
    load::{Load, Outcome},
    wait::{PATIENCE, wait_until},
};

use crate::{exactly_once::assert_exactly_once, preload::preloaded};

/// The kernel may have dropped the pages that it could not write, and calls the next sync a success: trying again, or going
/// on, would acknowledge what is not there.
#[test]
fn a_failed_sync_ends_the_daemon_with_74_and_loses_nothing_that_was_answered_200() {
    let installation = Installation::new(&config::files()).unwrap();
    let preloaded = preloaded(&installation, "failing_sync.c");
    let daemon =
        installation.start_under(&format!("export KALENDS_TEST_FAIL_SYNC=./trigger; {preloaded}")).unwrap();
    let mut outcome: Outcome = Load::start("before", daemon.public(), 8, 200).finish().unwrap();

    fs::write(installation.path("trigger"), "").unwrap();
    let answer = daemon.post(event::webhook("unsynced", 0)).unwrap();
    assert_eq!(answer.status, 503, "what may not be on disk must not be acknowledged");
    outcome.unknown.insert("unsynced".to_owned());
    fs::remove_file(installation.path("trigger")).unwrap();
    let answer = daemon.post(event::webhook("after", 0)).unwrap();
    assert_eq!(answer.status, 503, "a sync that succeeds afterwards proves nothing");
    outcome.unknown.insert("after".to_owned());
    assert_eq!(daemon.get("/readyz").unwrap().status, 503);
    assert_eq!(daemon.wait_until_ended().unwrap().code(), Some(74));

    let daemon = installation.start().unwrap();
    daemon.wait_until_delivered(&["files"]).unwrap();
    assert_exactly_once("files", &outcome, &installation.records().unwrap());
}

#[test]
fn daemon_whose_disk_does_not_answer_is_not_ready_until_it_does() {
    let configuration = config::files().replace(
        "address: 127.0.0.1:0 }\nendpoints",
        "address: 127.0.0.1:0, append_timeout: 100ms }\nendpoints",
    );
    let installation = Installation::new(&configuration).unwrap();
    let preloaded = preloaded(&installation, "failing_sync.c");
    let daemon =
        installation.start_under(&format!("export KALENDS_TEST_HANG_SYNC=./trigger; {preloaded}")).unwrap();
    fs::write(installation.path("trigger"), "").unwrap();
    assert_eq!(daemon.post(event::webhook("a", 0)).unwrap().status, 503);
    let answer = daemon.get("/readyz").unwrap();
    assert_eq!((answer.status, answer.text().contains("disk does not answer")), (503, true));
    fs::remove_file(installation.path("trigger")).unwrap();
    wait_until("the daemon to be ready again", PATIENCE, || {
        Ok((daemon.get("/readyz")?.status == 200).then_some(()))
    })
    .unwrap();
    assert_eq!(daemon.post(event::webhook("b", 0)).unwrap().status, 200);
}
