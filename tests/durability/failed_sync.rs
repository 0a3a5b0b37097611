use std::fs;

use kalends_tests::{
    Installation, config, event,
    load::{Load, Outcome},
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
