//! A log collector that hangs: standard error is a pipe that is full.

use std::fs;

use kalends_tests::{Installation, config, event};

/// Gives the log to a reader that hangs when it has seen the start, until something is written to `gate`.
const HANGING_READER: &str = "mkfifo gate; exec 2> >(head -n 3 >&2; read -r _ < gate; exec cat >&2)";

#[test]
fn daemon_whose_log_nobody_reads_answers_and_stops_and_the_log_is_written_when_somebody_reads_again() {
    let configuration = config::files().replace("level: info", "level: debug");
    let installation = Installation::new(&configuration).unwrap();
    let daemon = installation.start_under(HANGING_READER).unwrap();
    // Each writes a line of more than a hundred bytes, and a pipe holds 64 KiB.
    for number in 0..1000 {
        assert_eq!(daemon.post(event::webhook("a", number)).unwrap().status, 200);
    }
    assert_eq!(daemon.get("/readyz").unwrap().status, 200);
    let stored = |log: String| log.matches("webhook stored").count();
    assert!(stored(daemon.log().unwrap()) < 1000);
    fs::write(installation.path("gate"), "\n").unwrap();
    kalends_tests::wait::wait_until("the rest of the log", kalends_tests::wait::PATIENCE, || {
        Ok((stored(daemon.log()?) == 1000).then_some(()))
    })
    .unwrap();
    assert_eq!(daemon.terminate().unwrap().code(), Some(0));
}

#[test]
fn daemon_whose_log_nobody_reads_stops_when_it_is_told_to() {
    let configuration = config::files().replace("level: info", "level: debug");
    let installation = Installation::new(&configuration).unwrap();
    let daemon = installation.start_under(HANGING_READER).unwrap();
    for number in 0..1000 {
        assert_eq!(daemon.post(event::webhook("a", number)).unwrap().status, 200);
    }
    assert_eq!(daemon.terminate().unwrap().code(), Some(0));
    assert_eq!(installation.records().unwrap().len(), 1000);
    fs::write(installation.path("gate"), "\n").unwrap();
}
