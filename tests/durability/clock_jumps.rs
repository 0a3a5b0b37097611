use std::fs;

use kalends_tests::{
    Daemon, Installation, config,
    load::{Load, Outcome},
};

use crate::{exactly_once::assert_exactly_once, preload::preloaded};

const MONTH: i64 = 30 * 86_400;

/// Sends the events of each name, those before the last for a second time; all are delivered after that.
fn send(daemon: &Daemon, names: &[&str], outcome: &mut Outcome) {
    for name in names {
        let sent = Load::start(name, daemon.public(), 4, 100).finish().unwrap();
        assert!(sent.unknown.is_empty(), "{name}: refused: {:?}", sent.unknown);
        outcome.merge(sent);
        daemon.wait_until_delivered(&["files"]).unwrap();
    }
}

/// A machine gets its time from the network, somebody sets it by hand, a battery is empty: nothing may grow old by that.
#[test]
fn jumps_of_the_wall_clock_lose_repeat_and_expire_nothing() {
    let installation = Installation::new(&config::files()).unwrap();
    let jump = |seconds: i64| fs::write(installation.path("clock"), seconds.to_string()).unwrap();
    let preloaded = preloaded(&installation, "jumping_clock.c");
    let start =
        || installation.start_under(&format!("export KALENDS_TEST_CLOCK=./clock; {preloaded}")).unwrap();
    let first_kept = |daemon: &Daemon| daemon.status().unwrap().pointer("/journal/first_position").cloned();
    let mut outcome = Outcome::default();
    jump(0);
    let daemon = start();
    send(&daemon, &["now"], &mut outcome);
    jump(MONTH);
    send(&daemon, &["ahead", "now", "ahead"], &mut outcome);
    jump(-MONTH);
    send(&daemon, &["behind", "ahead", "now"], &mut outcome);
    jump(0);
    send(&daemon, &["again", "behind", "ahead", "now"], &mut outcome);
    assert_eq!(first_kept(&daemon), Some(1.into()), "nothing is old enough to go");
    daemon.kill().unwrap();

    // What was behind at the start is no later than what the journal has.
    jump(-MONTH);
    let daemon = start();
    send(&daemon, &["restarted", "again", "behind", "ahead", "now"], &mut outcome);
    assert_eq!(first_kept(&daemon), Some(1.into()));
    assert_exactly_once("files", &outcome, &installation.records().unwrap());
}

/// A battery is empty, or somebody has mistaken the unit.
#[test]
fn clock_that_shows_no_date_ends_the_daemon_with_69_at_its_start_and_later() {
    const YEARS: i64 = 365 * 86_400;
    let installation = Installation::new(&config::files()).unwrap();
    let jump = |seconds: i64| fs::write(installation.path("clock"), seconds.to_string()).unwrap();
    let preloaded =
        format!("export KALENDS_TEST_CLOCK=./clock; {}", preloaded(&installation, "jumping_clock.c"));
    for years in [-100, 9000] {
        jump(years * YEARS);
        let error = installation.start_under(&preloaded).unwrap_err().to_string();
        assert!(error.contains("exit status: 69") && error.contains("set the clock"), "{error}");

        jump(0);
        let daemon = installation.start_under(&preloaded).unwrap();
        jump(years * YEARS);
        // It may or may not get an answer.
        daemon.post("no event").ok();
        let log = daemon.log().unwrap();
        let status = daemon.wait_until_ended().unwrap();
        assert_eq!(status.code(), Some(69), "{log}");
    }
}
