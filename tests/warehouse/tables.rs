use std::{fs, path::Path};

use kalends_tests::sample;
use serde_json::{Value, json};

use crate::warehouse::warehouse;

/// Columns that differ from run to run.
const BY_RUN: [&str; 4] = ["received_at", "journal_id", "journal_shard", "journal_position"];

#[test]
fn every_event_sent_is_one_row_of_its_table() {
    let Some(warehouse) = warehouse() else { return };
    for (table, rows) in &warehouse.sent {
        let counted = warehouse.postgres.rows(&format!("select count(*) as rows from {table}")).unwrap();
        assert_eq!(counted, [json!({ "rows": rows })], "{table}");
    }
    let tables =
        warehouse.postgres.rows("select tablename from pg_tables where schemaname = 'public'").unwrap();
    assert_eq!(tables.len(), warehouse.sent.len(), "{tables:?}");
    assert_eq!(warehouse.sent.len(), 10, "eight event types, unknown ones and dead letters");
}

#[test]
fn instants_are_timestamps_tags_are_arrays_and_bodies_are_bytes() {
    let Some(warehouse) = warehouse() else { return };
    let columns = "select table_name, column_name, data_type from information_schema.columns where table_schema = 'public'";
    let columns = warehouse.postgres.rows(columns).unwrap();
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    for column in &columns {
        let (name, kind) = (text(column, "column_name"), text(column, "data_type"));
        let expected = match name.as_str() {
            "received_at" => "timestamp without time zone",
            "calendar_tag_ids" | "calendar_tag_texts" => "ARRAY",
            "journal_position" | "body_bytes" => "bigint",
            "journal_shard" | "subscription_event_reminder_minutes" => "integer",
            "additional_opt_in" | "is_marketing_allowed" => "boolean",
            "body" => "bytea",
            instant if instant.ends_with("_utc") => "timestamp without time zone",
            _ => "text",
        };
        assert_eq!(kind, expected, "{} of {}", name, text(column, "table_name"));
    }
    let instants = columns.iter().filter(|column| text(column, "data_type").starts_with("timestamp"));
    assert!(instants.count() > 20);
}

#[test]
fn the_documented_payloads_have_the_values_worked_out_for_them() {
    let Some(warehouse) = warehouse() else { return };
    for sample in sample::seven().unwrap() {
        let table = sample.topic().replace(['.', '-'], "_");
        let rows =
            warehouse.postgres.rows(&format!("select * from {table} order by journal_position")).unwrap();
        let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/events").join(sample.name);
        let case = fs::read_to_string(case.join("record.json")).unwrap();
        let case: Value = serde_json::from_str(&case).unwrap();
        let expected = case["record"].as_object().unwrap();
        let row = rows[0].as_object().unwrap();
        assert_eq!(row.len(), expected.len(), "{table}");
        for (column, value) in expected.iter().filter(|(column, _)| !BY_RUN.contains(&column.as_str())) {
            let instant = column.ends_with("_utc");
            // PostgreSQL prints what has no zone without one; what lies there is UTC.
            let found = row[column].as_str().filter(|_| instant).map(|text| json!(format!("{text}Z")));
            assert_eq!(found.as_ref().unwrap_or(&row[column]), value, "{column} of {table}");
        }
    }
}

#[test]
fn a_dead_letter_has_the_body_as_it_came() {
    let Some(warehouse) = warehouse() else { return };
    let query = "select encode(body, 'escape') as body, reason, body_bytes from rokt_calendar_dead_letter";
    let letters = warehouse.postgres.rows(query).unwrap();
    assert_eq!(letters, [json!({ "body": "\\377no event", "reason": "invalid-json", "body_bytes": 9 })]);
}

#[test]
fn a_text_that_the_database_could_not_take_is_there_without_what_it_refuses() {
    let Some(warehouse) = warehouse() else { return };
    let query = "select unsubscribe_reason_text as reason, extra_fields as extra from rokt_calendar_unsubscribe \
                 where calendar_subscription_id = 'gone'";
    let rows = warehouse.postgres.rows(query).unwrap();
    let extra = r#"{"/eventDetails/subscription/nobody's":"ab"}"#;
    assert_eq!(rows, [json!({ "reason": "moved away", "extra": extra })]);
}
