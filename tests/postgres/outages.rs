use std::{fs, process::Stdio, time::Duration};

use kalends_tests::{
    Installation, config,
    load::{Load, Outcome},
    postgres::Postgres,
    proxy::Proxy,
    wait::PATIENCE,
    wait_until,
};

use crate::tables::{assert_once, post, wait_for_error};

const PAUSE: Duration = Duration::from_millis(10);

/// How long a statement may run here, so that nobody waits for half a minute.
const HASTY: &str = "statement_timeout: 1s";

#[test]
fn a_pooler_that_dies_and_comes_back_under_load_loses_and_repeats_nothing() {
    let Some(server) = Postgres::start("pooled").unwrap() else { return };
    let Some(pooler) = server.pooler().unwrap() else { return };
    let installation = Installation::new(&config::postgres(pooler.place(), HASTY)).unwrap();
    let daemon = installation.start().unwrap();
    let load = Load::steady("pooled", daemon.public(), 4, PAUSE);
    for round in 1..=3 {
        let more = || Ok((load.acknowledged() >= round * 100).then_some(()));
        wait_until("events to be taken", PATIENCE, more).unwrap();
        pooler.kill().unwrap();
        pooler.restart().unwrap();
    }
    let outcome = load.stop().unwrap();
    daemon.wait_until_delivered(&["database"]).unwrap();
    assert_eq!(daemon.terminate().unwrap().code(), Some(0));
    assert_once(&server, &outcome);
}

/// First the answer to COMMIT is lost, so that nobody knows what became of it; then a firewall drops everything in silence.
#[test]
fn an_answer_that_is_lost_and_a_connection_that_falls_silent_lose_and_repeat_nothing() {
    let Some(server) = Postgres::start("silent").unwrap() else { return };
    let proxy = Proxy::bind().unwrap();
    proxy.serve_postgres(server.address().to_owned()).unwrap();
    let place = format!("127.0.0.1:{}/kalends", proxy.port());
    let installation = Installation::new(&config::postgres(&place, HASTY)).unwrap();
    let daemon = installation.start().unwrap();
    let mut outcome = Outcome::default();
    post(&daemon, "before", 10, &mut outcome);
    daemon.wait_until_delivered(&["database"]).unwrap();

    proxy.mute_at_the_end_of_a_transaction();
    post(&daemon, "unknown", 10, &mut outcome);
    wait_until("the commit at the server", PATIENCE, || {
        Ok((server.sql("SELECT max(position) FROM rokt.checkpoints")? == "20").then_some(()))
    })
    .unwrap();
    wait_for_error(&daemon, "no answer within 6 s");
    proxy.heal();
    daemon.wait_until_delivered(&["database"]).unwrap();

    proxy.mute();
    post(&daemon, "silent", 10, &mut outcome);
    let retries = "kalends_sink_state{sink=\"database\",state=\"retry\"}";
    let is_given_up = || Ok((daemon.metrics()?.value(retries) == Some(1.0)).then_some(()));
    wait_until("the connection to be given up", PATIENCE, is_given_up).unwrap();
    proxy.heal();
    daemon.wait_until_delivered(&["database"]).unwrap();
    assert_eq!(daemon.terminate().unwrap().code(), Some(0));
    assert_once(&server, &outcome);
}

#[test]
fn a_table_that_somebody_locks_is_waited_for_and_readers_of_others_are_not_kept() {
    let Some(server) = Postgres::start("locked").unwrap() else { return };
    let installation = Installation::new(&config::postgres(server.place(), HASTY)).unwrap();
    let daemon = installation.start().unwrap();
    let mut outcome = Outcome::default();
    post(&daemon, "before", 10, &mut outcome);
    daemon.wait_until_delivered(&["database"]).unwrap();
    let lock = "BEGIN; LOCK TABLE rokt.subscribe; SELECT pg_sleep(600)";
    let mut locker = server.psql(lock).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let granted = "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted \
                   AND relation = 'rokt.subscribe'::regclass";
    wait_until("the lock", PATIENCE, || Ok((server.sql(granted)? == "1").then_some(()))).unwrap();
    post(&daemon, "locked", 10, &mut outcome);
    wait_for_error(&daemon, "57014");
    let read = "SET statement_timeout = '1s'; SELECT count(*) > 0 FROM rokt.unsubscribe";
    assert_eq!(server.sql(read).unwrap(), "t");
    let locks = "query LIKE 'BEGIN; LOCK TABLE%' AND pid <> pg_backend_pid()";
    server.sql(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {locks}")).unwrap();
    locker.wait().unwrap();
    daemon.wait_until_delivered(&["database"]).unwrap();
    assert_eq!(daemon.terminate().unwrap().code(), Some(0));
    assert_once(&server, &outcome);
}

#[test]
fn a_full_disk_of_the_server_is_waited_for_and_costs_no_event() {
    let Some(server) = Postgres::start_with("full", &["--disk", "32"]).unwrap() else { return };
    let installation = Installation::new(&config::postgres(server.place(), "")).unwrap();
    let daemon = installation.start().unwrap();
    let mut outcome = Outcome::default();
    post(&daemon, "before", 10, &mut outcome);
    daemon.wait_until_delivered(&["database"]).unwrap();
    server.sql("CREATE TABLE ballast (text text); ALTER TABLE ballast ALTER text SET STORAGE PLAIN").unwrap();
    let fill = "DO $$ BEGIN LOOP INSERT INTO ballast VALUES (repeat('x', 4000)); COMMIT; END LOOP; END $$";
    let refused = server.sql(fill).unwrap_err().to_string();
    assert!(refused.contains("No space left on device"), "{refused}");
    // More than what fits into the pages that the tables have.
    for number in 0..200 {
        post(&daemon, &format!("full{number}"), 3, &mut outcome);
    }
    wait_for_error(&daemon, "53100");
    server.sql("DROP TABLE ballast").unwrap();
    daemon.wait_until_delivered(&["database"]).unwrap();
    assert_eq!(daemon.terminate().unwrap().code(), Some(0));
    assert_once(&server, &outcome);
}

#[test]
fn a_password_that_is_changed_is_read_anew_without_a_restart() {
    let rules = tempfile::tempdir().unwrap();
    let hba = rules.path().join("pg_hba.conf");
    // Only the sink's own user needs a password.
    let lines = "host all writer 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n";
    fs::write(&hba, lines).unwrap();
    let options = ["--set", &format!("hba_file={}", hba.display())];
    let Some(server) = Postgres::start_with("password", &options).unwrap() else { return };
    server
        .sql("CREATE ROLE writer LOGIN PASSWORD 'the first one'; GRANT CREATE ON DATABASE kalends TO writer")
        .unwrap();
    let with = format!("{HASTY}, password: {{ file: ./password }}");
    let configuration =
        config::postgres(server.place(), &with).replace("postgres://kalends@", "postgres://writer@");
    let installation = Installation::new(&configuration).unwrap();
    let password = installation.path("password");
    fs::write(&password, "the first one\n").unwrap();
    let daemon = installation.start().unwrap();
    let mut outcome = Outcome::default();
    post(&daemon, "first", 10, &mut outcome);
    daemon.wait_until_delivered(&["database"]).unwrap();

    server.sql("ALTER ROLE writer PASSWORD 'the second one'").unwrap();
    server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'writer'").unwrap();
    post(&daemon, "second", 10, &mut outcome);
    let told = daemon.wait_until_on_hold("database").unwrap();
    assert!(told.contains("28P01") && told.contains("mend the user, its password"), "{told}");
    assert!(!told.contains("the first one"), "{told}");
    fs::write(&password, "the second one\n").unwrap();
    daemon.wait_until_delivered(&["database"]).unwrap();
    assert_eq!(daemon.terminate().unwrap().code(), Some(0));
    assert_once(&server, &outcome);
}
