//! What there is in the schema, and what becomes of it.

use std::{sync::Arc, time::Duration};

use kalends_sink::{Schema, Sink, Stream};
use kalends_sink_postgres::{Settings, statements};

use crate::{
    events::{START, subscribe},
    servers,
    world::{Deliver, JOURNAL, World, at, held, made, retried, sink, streams},
};

/// The streams, with one more field at the end of each record that tells of a subscriber.
fn wider() -> Vec<Stream> {
    let wider = |stream: Stream| {
        if !["Subscribe", "SubscriptionDetailsUpdated"].contains(&stream.schema.name.as_str()) {
            return stream;
        }
        let mut json: serde_json::Value = serde_json::from_str(&stream.schema.json).unwrap();
        let field = serde_json::json!({ "name": "loyalty", "type": ["null", "string"], "default": null, "doc": "It's \\ new." });
        json["fields"].as_array_mut().unwrap().push(field);
        let schema = Schema { json: json.to_string(), ..(*stream.schema).clone() };
        Stream { schema: Arc::new(schema), ..stream }
    };
    streams().into_iter().map(wider).collect()
}

fn columns(world: &World, relation: &str) -> String {
    world.sql(&format!(
        "SELECT string_agg(column_name, ',' ORDER BY ordinal_position) FROM information_schema.columns \
         WHERE table_schema = '{}' AND table_name = '{relation}'",
        world.schema
    ))
}

#[test]
fn a_new_field_becomes_a_column_with_its_words_and_the_last_of_the_views() {
    for server in servers::all() {
        let world = World::new(server);
        let mut sink = world.connected();
        sink.deliver(&made(&[subscribe("s", START, START, "a@b.c", None)], 1)).unwrap();
        // What users add stays.
        world.sql("ALTER TABLE rokt.subscribe ADD COLUMN mine text DEFAULT 'x'");
        world.sql("CREATE VIEW rokt.theirs AS SELECT * FROM rokt.subscribers");
        assert_eq!(sink.connect(JOURNAL, &wider()).unwrap(), Some(at(1)));
        for relation in ["subscribe", "subscription_state", "subscriptions", "subscribers"] {
            assert!(columns(&world, relation).ends_with(",loyalty"), "{relation}");
        }
        let comment = "SELECT col_description('rokt.subscribe'::regclass, attnum) FROM pg_attribute \
                       WHERE attrelid = 'rokt.subscribe'::regclass AND attname = 'loyalty'";
        assert_eq!(world.sql(comment), "It's \\ new.");
        assert_eq!(world.sql("SELECT mine FROM rokt.subscribe"), "x");
        // An older daemon goes on beside a column that it does not know.
        sink.reconnect().unwrap();
        sink.deliver(&made(&[subscribe("t", START, START, "a@b.c", None)], 2)).unwrap();
        assert_eq!(world.sql("SELECT count(*) FROM rokt.theirs"), "2");
    }
}

#[test]
fn a_view_that_somebody_changed_is_left_alone() {
    let world = World::new(servers::old());
    let mut sink = world.connected();
    world.sql("CREATE OR REPLACE VIEW rokt.marketing_allowed AS SELECT email_address, calendar_subscription_id, details_at AS allowed_at, \
               confirmation_date_time_utc FROM rokt.subscription_state WHERE false");
    world.sql("DROP VIEW rokt.subscribers CASCADE");
    world.sql("CREATE VIEW rokt.subscribers AS SELECT 1 AS one");
    sink.reconnect().unwrap();
    assert_eq!(columns(&world, "subscribers"), "one");
    assert_eq!(world.sql("SELECT count(*) FROM rokt.marketing_allowed"), "0");
}

#[test]
fn without_leave_to_migrate_a_hold_has_the_statements_which_serve() {
    let world = World::new(servers::old());
    let settings = || Settings { migrate: false, ..world.settings() };
    let words = held(sink(settings()).reconnect());
    assert!(words.contains("migrate") && words.contains("CREATE TABLE IF NOT EXISTS"), "{words}");
    for statement in statements(&settings(), &streams()).unwrap() {
        world.sql(&statement);
    }
    let mut sink = sink(settings());
    assert_eq!(sink.reconnect().unwrap(), None);
    sink.deliver(&made(&[subscribe("s", START, START, "a@b.c", None)], 1)).unwrap();
}

#[test]
fn a_table_in_use_is_not_changed_and_its_readers_do_not_wait() {
    let world = World::new(servers::old());
    let mut sink = sink(Settings { lock_timeout: Duration::from_millis(100), ..world.settings() });
    sink.reconnect().unwrap();
    sink.deliver(&made(&[subscribe("s", START, START, "a@b.c", None)], 1)).unwrap();
    let url = format!("postgresql://kalends@127.0.0.1:{}/kalends", world.server.port);
    let long = format!("SELECT 1 FROM {}.subscribe; SELECT pg_sleep(60)", world.schema);
    let mut reader =
        std::process::Command::new("psql").args([&url, "-Atqc", &format!("BEGIN; {long}")]).spawn().unwrap();
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND query LIKE '%rokt.subscribe%'";
    while world.sql(waits) == "0" {
        std::thread::sleep(Duration::from_millis(20));
    }
    let words = retried(sink.connect(JOURNAL, &wider()));
    assert!(words.contains("55P03") && words.contains("once a minute"), "{words}");
    assert_eq!(world.sql("SELECT count(*) FROM rokt.subscribe"), "1", "other readers go on");
    // Not tried again at once, so that readers are not kept waiting over and over.
    assert!(retried(sink.connect(JOURNAL, &wider())).contains("once a minute"));
    world.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND query LIKE '%rokt.subscribe%'");
    reader.wait().unwrap();
}

#[test]
fn a_partitioned_table_serves_with_a_key_that_has_more_columns() {
    let world = World::new(servers::old());
    let all = statements(&world.settings(), &streams()).unwrap();
    world.sql(&all[0]);
    let subscribe_table = all.iter().find(|statement| statement.contains(".\"subscribe\" (")).unwrap();
    let partitioned = subscribe_table.replace(
        "PRIMARY KEY (journal_id, journal_shard, journal_position)\n)",
        "PRIMARY KEY (journal_id, journal_shard, journal_position, received_at)\n) PARTITION BY RANGE (received_at)",
    );
    world.sql(&partitioned);
    world.sql("CREATE TABLE rokt.first PARTITION OF rokt.subscribe FOR VALUES FROM ('2025-01-01') TO ('2027-01-01')");
    let mut sink = world.connected();
    let events = [subscribe("s", START, START, "a@b.c", None)];
    sink.deliver(&made(&events, 1)).unwrap();
    // Back and again: the wider key tells that the row is there.
    sink.commit(at(0)).unwrap();
    sink.deliver(&made(&events, 1)).unwrap();
    assert_eq!(world.positions("subscribe"), [1]);
    // A missing partition is nobody's bad record.
    let late = subscribe("s", START, START + 800 * crate::events::DAY, "a@b.c", None);
    let words = held(sink.deliver(&made(&[late], 2)));
    assert!(words.contains("23514") && words.contains("partition"), "{words}");
}

#[test]
fn a_table_without_the_key_is_a_hold() {
    let world = World::new(servers::old());
    drop(world.connected());
    world.sql("ALTER TABLE rokt.subscribe DROP CONSTRAINT subscribe_pkey");
    let words = held(world.sink().reconnect());
    assert!(words.contains("no unique index on (journal_id, journal_shard, journal_position)"), "{words}");
}
