use serde_json::json;

use crate::{
    events::{Event, START, subscribe},
    servers,
    state::applying,
    world::{Deliver, World, made},
};

/// Bodies that nobody should send, each an event all the same.
fn hostile() -> Vec<Event> {
    let body = |rest: &str| {
        Event::raw(format!(
            r#"{{"eventId":"e","eventType":"Subscribe","eventDetails":{{"accountId":"a","subscription":{{"calendarSubscriptionId":"s"{rest}}}}}}}"#
        ))
    };
    vec![
        body(r#","calendarTitle":"x\u0000y","odd\u0000key":{"a":"\u0000"}"#),
        body(r#","odd":"\ud800","more":["\udc00\ud800\u0041"]"#),
        body(r#","odd":1e400,"less":-1e-400,"long":123456789012345678901234567890"#),
        body(
            r#","createdDateTimeUtc":"9999-12-31 23:59:59.999999","confirmationDateTimeUtc":"0001-01-01 00:00:00""#,
        ),
        body(r#","odd":"\\u0000 \\ud800","quote":"it's \"quoted\"; -- $1""#),
        body(r#","calendarTags":[{"tagId":"a\",b","tagText":"{\\}"},{"tagId":"\u0000","tagText":"NULL"}]"#),
        subscribe("s", START, START, &"é".repeat(700_000), Some(true)),
        subscribe(&"i".repeat(1_000_000), START, START, "a@b.c", None),
        Event::new("Subscribe", "s", START, &json!({ "odd": "y".repeat(1_000_000) })),
        Event::raw(b"\xff\xfe not json".to_vec()),
        Event::raw("[".repeat(5000)),
        Event::raw(
            r#"{"eventId":"\u0000","eventType":"\u0000 what","eventDetails":{"x":"\ud83d\ude00\u0000"}}"#,
        ),
    ]
}

#[test]
fn hostile_bodies_arrive_and_no_reader_fails_over_them() {
    for server in servers::all() {
        let world = World::new(server);
        let events = hostile();
        applying(&world).deliver(&made(&events, 1)).unwrap();
        let tables = ["subscribe", "unknown", "dead_letter"];
        let rows: usize = tables.iter().map(|table| world.positions(table).len()).sum();
        assert_eq!(rows, events.len());
        for (table, column) in [("subscribe", "extra_fields"), ("unknown", "event_details")] {
            // Every value of every document, as text, however deep, as readers take them apart.
            let read = format!(
                "WITH RECURSIVE parts(j) AS (SELECT {column} FROM rokt.{table} WHERE {column} IS NOT NULL UNION ALL SELECT p.value FROM parts, \
                 LATERAL (SELECT value FROM json_each(CASE json_typeof(j) WHEN 'object' THEN j END) UNION ALL SELECT value FROM \
                 json_array_elements(CASE json_typeof(j) WHEN 'array' THEN j END)) p) SELECT count(j #>> '{{}}') > 0 FROM parts"
            );
            assert_eq!(world.sql(&read), "t", "{table}.{column}");
        }
        let title = world.sql("SELECT calendar_title FROM rokt.subscribe WHERE journal_position = 1");
        assert_eq!(title, "xy");
        let tags = world.sql("SELECT calendar_tag_ids[1] || ' ' || calendar_tag_texts[1] || ' ' || calendar_tag_texts[2] FROM rokt.subscribe WHERE journal_position = 6");
        assert_eq!(tags, r#"a",b {\} NULL"#);
        let body = world.sql("SELECT encode(body, 'hex') FROM rokt.dead_letter WHERE journal_position = 10");
        assert!(body.starts_with("fffe206e6f74"), "{body}");
        let large = world.sql("SELECT length(email_address) FROM rokt.subscribe WHERE journal_position = 7");
        assert_eq!(large, "700000");
    }
}
