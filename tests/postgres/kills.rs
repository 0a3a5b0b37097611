use kalends_tests::{
    Installation, config,
    load::{Load, Outcome},
    postgres::Postgres,
    wait::PATIENCE,
    wait_until,
};

use crate::tables::{assert_once, assert_state_is_of_the_rows, count};

/// The daemon is killed in every round, elsewhere in each, and in every second one the server as well, in the middle of what it writes.
#[test]
fn what_was_answered_200_is_in_the_tables_once_whatever_dies() {
    let Some(server) = Postgres::start("kills").unwrap() else { return };
    let installation = Installation::new(&config::postgres(server.place(), "")).unwrap();
    let mut daemon = installation.start().unwrap();
    let mut outcome = Outcome::default();
    let events = count("KALENDS_SOAK_EVENTS", 200);
    for number in 0..count("KALENDS_SOAK_ROUNDS", 10) {
        let load = Load::start(&format!("round-{number}"), daemon.public(), 16, events);
        let enough = events * (10 + number * 37 % 80) / 100;
        let is_under_way = || Ok((load.acknowledged() >= enough).then_some(()));
        wait_until("the load to get under way", PATIENCE, is_under_way).unwrap();
        let server_dies = number % 2 == 1;
        if server_dies {
            server.kill().unwrap();
        }
        daemon.kill().unwrap();
        daemon = installation.start().unwrap();
        load.redirect(daemon.public());
        if server_dies {
            server.restart().unwrap();
        }
        outcome.merge(load.finish().unwrap());
    }
    daemon.wait_until_delivered(&["database"]).unwrap();
    assert_eq!(daemon.terminate().unwrap().code(), Some(0));
    assert_once(&server, &outcome);
    assert_state_is_of_the_rows(&server, &installation);
}
