use std::fs;

use jiff::Timestamp;
use kalends_tests::{Installation, config, load::Outcome, postgres::Postgres, wait::PATIENCE, wait_until};
use rustix::process::Signal;

use crate::tables::{assert_once, post, times};

fn run(installation: &Installation, arguments: &[&str]) -> String {
    let all = arguments.iter().chain(&["-c", "kalends.yaml"]);
    let output = installation.run(all).unwrap();
    let said = [output.stdout, output.stderr].map(|said| String::from_utf8(said).unwrap()).concat();
    assert!(output.status.success(), "{arguments:?}: {said}");
    said
}

#[test]
fn going_back_by_a_hundred_positions_writes_no_row_twice_and_fills_what_is_missing() {
    let Some(server) = Postgres::start("seek").unwrap() else { return };
    let installation = Installation::new(&config::postgres(server.place(), "")).unwrap();
    let daemon = installation.start().unwrap();
    let mut outcome = Outcome::default();
    post(&daemon, "event", 150, &mut outcome);
    // Its repetitions are no events of their own, before and after.
    post(&daemon, "event", 60, &mut outcome);
    daemon.wait_until_delivered(&["database"]).unwrap();
    server.sql("DELETE FROM rokt.subscribe WHERE journal_position > 140").unwrap();
    for _ in 0..2 {
        run(&installation, &["sinks", "seek", "database", "--to", "111", "--yes"]);
        let done = format!("{}/journal/sinks/database.decisions.jsonl", installation.directory().display());
        wait_until("the seek to be done", PATIENCE, || {
            let decisions = fs::read_to_string(&done).unwrap_or_default();
            let is_waiting = daemon.status()?["sinks"][0]["seek_to"].is_number();
            Ok((!decisions.is_empty() && !is_waiting).then_some(()))
        })
        .unwrap();
        daemon.wait_until_delivered(&["database"]).unwrap();
        assert_once(&server, &outcome);
    }
    let passed_over = "kalends_postgres_rows_passed_over_total{sink=\"database\"}";
    assert!(daemon.metrics().unwrap().value(passed_over) > Some(60.0), "two times 40 rows, but for a few");
    assert_eq!(daemon.terminate().unwrap().code(), Some(0));
}

#[test]
fn a_sink_that_a_reload_renames_holds_until_it_is_told_where_to_go_on() {
    let Some(server) = Postgres::start("renamed").unwrap() else { return };
    let configuration = config::postgres(server.place(), "");
    let installation = Installation::new(&configuration).unwrap();
    let mut daemon = installation.start().unwrap();
    let mut outcome = Outcome::default();
    post(&daemon, "before", 20, &mut outcome);
    daemon.wait_until_delivered(&["database"]).unwrap();
    installation.configure(&configuration.replace("  database: {", "  warehouse: {")).unwrap();
    daemon.signal(Signal::HUP).unwrap();
    let told = daemon.wait_until_on_hold("warehouse").unwrap();
    assert!(told.contains("database through position 20"), "{told}");
    post(&daemon, "after", 20, &mut outcome);
    run(&installation, &["sinks", "seek", "warehouse", "--to", "21", "--yes"]);
    daemon.wait_until_delivered(&["warehouse"]).unwrap();
    assert_eq!(daemon.terminate().unwrap().code(), Some(0));
    assert_once(&server, &outcome);
}

#[test]
fn a_replay_whose_first_appearances_lie_before_its_range_writes_no_row_twice() {
    let Some(server) = Postgres::start("replay").unwrap() else { return };
    let installation = Installation::new(&config::postgres(server.place(), "")).unwrap();
    let daemon = installation.start().unwrap();
    let mut outcome = Outcome::default();
    post(&daemon, "early", 30, &mut outcome);
    let from = Timestamp::now().to_string();
    post(&daemon, "early", 30, &mut outcome);
    post(&daemon, "late", 30, &mut outcome);
    daemon.wait_until_delivered(&["database"]).unwrap();
    assert_once(&server, &outcome);
    server.sql("DELETE FROM rokt.subscribe WHERE event_id LIKE 'late-%'").unwrap();
    run(&installation, &["replay", "--sink", "database", "--from", &from]);
    assert_once(&server, &outcome);
    run(&installation, &["replay", "--sink", "database"]);
    assert_once(&server, &outcome);
    assert_eq!(times(&server).len(), 60);
    assert_eq!(daemon.terminate().unwrap().code(), Some(0));
}
