use kalends_tests::{
    Daemon, Installation, config,
    load::{Load, Outcome},
    wait::PATIENCE,
    wait_until,
};

use crate::exactly_once::{assert_exactly_once, count};

const CONNECTIONS: u32 = 16;

/// How often the daemon is killed.
pub(crate) fn rounds() -> u64 {
    count("KALENDS_SOAK_ROUNDS", 20)
}

/// Sends events, kills the daemon somewhere amid them (elsewhere in every round), starts it again, and waits until the
/// sender is through.
pub(crate) fn round(installation: &Installation, daemon: Daemon, number: u64) -> (Daemon, Outcome) {
    let events = count("KALENDS_SOAK_EVENTS", 200);
    let load = Load::start(&format!("round-{number}"), daemon.public(), CONNECTIONS, events);
    let enough = events * (10 + number * 37 % 80) / 100;
    wait_until("the load to get under way", PATIENCE, || Ok((load.acknowledged() >= enough).then_some(())))
        .unwrap();
    daemon.kill().unwrap();
    let daemon = installation.start().unwrap();
    load.redirect(daemon.public());
    (daemon, load.finish().unwrap())
}

#[test]
fn what_was_answered_200_is_in_the_files_once_however_often_the_daemon_is_killed() {
    let installation = Installation::new(&config::files()).unwrap();
    let mut daemon = installation.start().unwrap();
    let mut outcome = Outcome::default();
    for number in 0..rounds() {
        let (restarted, of_round) = round(&installation, daemon, number);
        daemon = restarted;
        outcome.merge(of_round);
    }
    daemon.wait_until_delivered(&["files"]).unwrap();
    assert_eq!(daemon.terminate().unwrap().code(), Some(0));
    assert_exactly_once("files", &outcome, &installation.records().unwrap());
}

#[test]
fn a_stop_during_load_loses_nothing_that_was_answered_200() {
    let installation = Installation::new(&config::files()).unwrap();
    let mut daemon = installation.start().unwrap();
    let mut outcome = Outcome::default();
    for number in 0..3 {
        let load = Load::start(&format!("stop-{number}"), daemon.public(), CONNECTIONS, 300);
        wait_until("the load to get under way", PATIENCE, || Ok((load.acknowledged() >= 100).then_some(())))
            .unwrap();
        assert_eq!(daemon.terminate().unwrap().code(), Some(0));
        daemon = installation.start().unwrap();
        load.redirect(daemon.public());
        outcome.merge(load.finish().unwrap());
    }
    daemon.wait_until_delivered(&["files"]).unwrap();
    assert_exactly_once("files", &outcome, &installation.records().unwrap());
}

/// Loaders move published files away: whether they are still there must not matter to a restart.
#[test]
fn published_files_that_were_moved_away_are_not_written_again() {
    let installation = Installation::new(&config::files()).unwrap();
    let daemon = installation.start().unwrap();
    let first = Load::start("moved", daemon.public(), 4, 50).finish().unwrap();
    daemon.wait_until_delivered(&["files"]).unwrap();
    daemon.kill().unwrap();
    assert_exactly_once("first", &first, &installation.records().unwrap());
    for entry in std::fs::read_dir(installation.path("events")).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name() != ".kalends" {
            std::fs::remove_dir_all(entry.path()).unwrap();
        }
    }
    let daemon = installation.start().unwrap();
    let second = Load::start("later", daemon.public(), 4, 50).finish().unwrap();
    daemon.wait_until_delivered(&["files"]).unwrap();
    assert_exactly_once("second", &second, &installation.records().unwrap());
}
