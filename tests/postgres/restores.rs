use std::fs;

use kalends_tests::{
    Daemon, Installation, config, load::Outcome, postgres::Postgres, wait::PATIENCE, wait_until,
};

use crate::tables::{assert_once, assert_state_is_of_the_rows, post};

const BEGINS_AGAIN: &str = "delivery begins again, so that these sinks can go back";

fn deliver(daemon: &Daemon, name: &str, outcome: &mut Outcome) {
    post(daemon, name, 30, outcome);
    daemon.wait_until_delivered(&["database"]).unwrap();
}

#[test]
fn an_older_base_backup_that_is_put_back_is_filled_from_the_journal_within_the_run() {
    let Some(server) = Postgres::start("restored").unwrap() else { return };
    let installation = Installation::new(&config::postgres(server.place(), "")).unwrap();
    let daemon = installation.start().unwrap();
    let mut outcome = Outcome::default();
    deliver(&daemon, "before", &mut outcome);
    server.back_up().unwrap();
    // Repeated below, where the repetition must not count.
    deliver(&daemon, "after", &mut outcome);
    post(&daemon, "before", 30, &mut outcome);
    for times in 1..=2 {
        server.put_back().unwrap();
        // What has nothing to write does not notice.
        post(&daemon, &format!("noticed{times}"), 3, &mut outcome);
        let begun = || Ok((daemon.log()?.matches(BEGINS_AGAIN).count() == times).then_some(()));
        wait_until("delivery to begin again", PATIENCE, begun).unwrap();
        daemon.wait_until_delivered(&["database"]).unwrap();
        assert_once(&server, &outcome);
    }
    deliver(&daemon, "later", &mut outcome);
    assert_eq!(daemon.terminate().unwrap().code(), Some(0));
    assert_once(&server, &outcome);
    assert_state_is_of_the_rows(&server, &installation);

    // And by one that starts only then.
    server.put_back().unwrap();
    let checked = installation.run(["check", "--connect", "-c", "kalends.yaml"]).unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    let daemon = installation.start().unwrap();
    daemon.wait_until_delivered(&["database"]).unwrap();
    assert_eq!(daemon.terminate().unwrap().code(), Some(0));
    assert_once(&server, &outcome);
}

#[test]
fn an_older_base_backup_holds_where_somebody_is_to_decide() {
    let Some(server) = Postgres::start("decided").unwrap() else { return };
    let installation = Installation::new(&config::postgres(server.place(), "behind: hold")).unwrap();
    let daemon = installation.start().unwrap();
    let mut outcome = Outcome::default();
    deliver(&daemon, "before", &mut outcome);
    server.back_up().unwrap();
    deliver(&daemon, "after", &mut outcome);
    // The check beside the daemon knows the sink's place by the note, which follows the commits a little later.
    let note = installation.path("journal/sinks/database.json");
    let noted = || Ok(fs::read_to_string(&note)?.contains("\"position\":60,").then_some(()));
    wait_until("the note of the last commit", PATIENCE, noted).unwrap();
    server.put_back().unwrap();
    post(&daemon, "later", 30, &mut outcome);
    let told = daemon.wait_until_on_hold("database").unwrap();
    let way = "kalends sinks seek database --to 31 -c";
    assert!(told.contains("position 30, but it has been at 60") && told.contains(way), "{told}");
    let checked = installation.run(["check", "--connect", "-c", "kalends.yaml"]).unwrap();
    let said = String::from_utf8_lossy(&checked.stderr).into_owned();
    assert!(checked.status.code() == Some(78) && said.contains(way), "{said}");
    let seek = installation.run(["sinks", "seek", "database", "--to", "31", "--yes", "-c", "kalends.yaml"]);
    assert!(seek.unwrap().status.success());
    daemon.wait_until_delivered(&["database"]).unwrap();
    assert_eq!(daemon.terminate().unwrap().code(), Some(0));
    assert_once(&server, &outcome);
}

#[test]
fn a_failover_that_loses_commits_is_caught_up_with_by_a_running_daemon() {
    let Some(primary) = Postgres::start("primary").unwrap() else { return };
    let Some(standby) = primary.standby("standby").unwrap() else { return };
    let hosts = format!("{},{}", standby.address(), primary.place());
    let installation = Installation::new(&config::postgres(&hosts, "")).unwrap();
    let daemon = installation.start().unwrap();
    let mut outcome = Outcome::default();
    deliver(&daemon, "replicated", &mut outcome);
    let written = primary.sql("SELECT pg_current_wal_lsn()").unwrap();
    let replayed = format!("SELECT pg_last_wal_replay_lsn() >= '{written}'");
    wait_until("the standby", PATIENCE, || Ok((standby.sql(&replayed)? == "t").then_some(()))).unwrap();
    standby.kill().unwrap();
    deliver(&daemon, "lost", &mut outcome);
    primary.kill().unwrap();
    standby.restart().unwrap();
    standby.sql("SELECT pg_promote()").unwrap();
    deliver(&daemon, "later", &mut outcome);
    assert_eq!(daemon.terminate().unwrap().code(), Some(0));
    assert_once(&standby, &outcome);
}
