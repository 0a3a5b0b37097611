//! Rows that the server refuses, and waits that it does not end.

use std::time::Duration;

use kalends_sink::{Failure, Sink};
use kalends_sink_postgres::Settings;

use crate::{
    events::{Event, START, subscribe, unsubscribe},
    servers,
    world::{Deliver, World, held, made, retried, sink},
};

/// The code of a refusal that names no record.
fn refused<T: std::fmt::Debug>(result: Result<T, Failure>) -> String {
    match result {
        Err(Failure::Refused { code, .. }) => code,
        other => panic!("not refused: {other:?}"),
    }
}

/// What users do to the table `subscribe`, and the code with which it then refuses the second of three events.
const RULES: [(&str, &str); 7] = [
    ("ALTER TABLE rokt.subscribe ALTER COLUMN is_marketing_allowed SET NOT NULL", "23502"),
    ("ALTER TABLE rokt.subscribe ADD CHECK (email_address <> 'bad@b.c')", "23514"),
    ("ALTER TABLE rokt.subscribe ALTER COLUMN email_address TYPE varchar(6)", "22001"),
    ("CREATE UNIQUE INDEX theirs ON rokt.subscribe (calendar_subscription_id)", "23505"),
    (
        "CREATE TABLE rokt.known (id text PRIMARY KEY); INSERT INTO rokt.known VALUES ('a'), ('c'); \
         ALTER TABLE rokt.subscribe ADD FOREIGN KEY (calendar_subscription_id) REFERENCES rokt.known DEFERRABLE INITIALLY DEFERRED",
        "23503",
    ),
    (
        "CREATE FUNCTION rokt.no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.email_address = 'bad@b.c' THEN \
         RAISE EXCEPTION 'not %', NEW.email_address; END IF; RETURN NEW; END $$; \
         CREATE TRIGGER no BEFORE INSERT ON rokt.subscribe FOR EACH ROW EXECUTE FUNCTION rokt.no()",
        "P0001",
    ),
    (
        "ALTER TABLE rokt.subscribe ADD theirs int4range GENERATED ALWAYS AS \
         (int4range(ascii(calendar_subscription_id), ascii(calendar_subscription_id), '[]')) STORED; \
         ALTER TABLE rokt.subscribe ADD EXCLUDE USING gist (theirs WITH &&)",
        "23P01",
    ),
];

fn three() -> [Event; 3] {
    [
        subscribe("a", START, START, "a@b.c", Some(true)),
        subscribe("b", START, START, "bad@b.c", None),
        subscribe("c", START, START, "c@b.c", Some(true)),
    ]
}

#[test]
fn a_row_that_a_rule_of_the_users_own_forbids_is_refused_with_its_code_and_costs_no_other() {
    for server in servers::all() {
        for (rule, code) in RULES {
            let world = World::new(server.clone());
            let mut sink = world.connected();
            let mut events = three();
            world.sql(rule);
            if ["23505", "23P01"].contains(&code) {
                events[1] = subscribe("a", START, START, "a@b.c", Some(true));
            }
            let words = match sink.deliver(&made(&events, 1)) {
                Err(failure) => failure.to_string(),
                Ok(()) => panic!("{rule}: nothing was refused"),
            };
            assert!(!words.contains("b.c"), "a message quotes no value: {words}");
            sink.reconnect().unwrap();
            assert_eq!(refused(sink.deliver(&made(&events, 1))), code, "{rule}");
            assert_eq!(world.positions("subscribe"), Vec::<u64>::new());
            // Halved, as delivery does it.
            sink.reconnect().unwrap();
            sink.deliver(&made(&events[..1], 1)).unwrap();
            assert_eq!(refused(sink.deliver(&made(&events[1..2], 2))), code);
            sink.reconnect().unwrap();
            sink.deliver(&made(&events[2..], 3)).unwrap();
            assert_eq!(world.positions("subscribe"), [1, 3]);
        }
    }
}

#[test]
fn a_changed_table_holds_and_a_locked_one_is_waited_for() {
    let world = World::new(servers::old());
    let mut sink = sink(Settings { statement_timeout: Duration::from_secs(1), ..world.settings() });
    sink.reconnect().unwrap();
    let url = format!("postgresql://kalends@127.0.0.1:{}/kalends", world.server.port);
    let lock = format!("BEGIN; LOCK TABLE {}.subscribe; SELECT pg_sleep(60)", world.schema);
    let mut locker = std::process::Command::new("psql")
        .args([&url, "-Atqc", &lock])
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let locks = format!(
        "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted AND relation = '{}.subscribe'::regclass",
        world.schema
    );
    while world.server.sql(&locks) == "0" {
        std::thread::sleep(Duration::from_millis(20));
    }
    let words = retried(sink.deliver(&made(&three(), 1)));
    assert!(words.contains("57014"), "{words}");
    // A read of a locked table waits as well, so its end is asked for past the table.
    world.server.sql(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%LOCK TABLE {}.subscribe;%' AND pid <> pg_backend_pid()", world.schema));
    locker.wait().unwrap();
    sink.reconnect().unwrap();
    sink.deliver(&made(&three(), 1)).unwrap();
    world.sql("ALTER TABLE rokt.subscribe ALTER COLUMN is_marketing_allowed TYPE integer USING 1");
    let words = held(sink.deliver(&made(&three(), 4)));
    assert!(words.contains("42804"), "{words}");
    world.sql("DROP TABLE rokt.subscribe CASCADE");
    // What is missing is made again at the next connect: the sink writes what comes, and the operator's way back is a replay.
    sink.reconnect().unwrap();
    sink.deliver(&made(&[unsubscribe("a", None, START)], 4)).unwrap();
    sink.commit(crate::world::at(5)).unwrap();
}
