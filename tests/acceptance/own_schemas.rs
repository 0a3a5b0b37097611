//! Schemas of the operator's own: new event types and new fields without a build.

use std::fs;

use kalends_tests::{
    Installation, config,
    own_schema::{shipped, subscription_paused},
};
use serde_json::{Value, json};

fn text_field(name: &str, from: &str) -> Value {
    json!({ "name": name, "type": ["null", "string"], "default": null, "doc": "…", "kalends": { "from": [from] } })
}

fn with_a_loyalty_tier() -> Value {
    let mut schema = shipped("Subscribe").unwrap();
    let field = text_field("loyalty_tier", "/eventDetails/subscription/loyaltyTier");
    schema["fields"].as_array_mut().unwrap().push(field);
    schema
}

fn installation(schemas: &[(&str, Value)]) -> Installation {
    let configuration = format!("{}schemas: {{ directory: ./schemas }}\n", config::files());
    let installation = Installation::new(&configuration).unwrap();
    fs::create_dir(installation.path("schemas")).unwrap();
    for (file, schema) in schemas {
        fs::write(installation.path("schemas").join(file), schema.to_string()).unwrap();
    }
    installation
}

const PAUSED: &str = r#"{"eventId":"p1","eventType":"SubscriptionPaused","eventDetails":{"accountCode":"a","subscription":
    {"calendarSubscriptionId":"s1","pausedUntilDateTimeUtc":"2030-01-01 00:00:00.5","mood":"tired"}}}"#;
const SUBSCRIBE: &str = r#"{"eventId":"s1","eventType":"Subscribe","eventDetails":{"subscription":
    {"calendarSubscriptionId":"s1","loyaltyTier":"gold"}}}"#;

#[test]
fn a_new_event_type_and_a_new_field_are_served_without_a_build() {
    let installation = installation(&[
        ("paused.avsc", subscription_paused().unwrap()),
        ("subscribe.avsc", with_a_loyalty_tier()),
    ]);
    let daemon = installation.start().unwrap();
    for body in [PAUSED, SUBSCRIBE] {
        assert_eq!(daemon.post(body).unwrap().status, 200);
    }
    daemon.wait_until_delivered(&["files"]).unwrap();
    let metrics = daemon.metrics().unwrap();
    assert_eq!(metrics.value(r#"kalends_events_total{type="SubscriptionPaused"}"#), Some(1.0));
    let records = installation.records().unwrap();
    assert_eq!(records.len(), 2);
    let on = |topic: &str| records.iter().find(|record| record.topic == topic).unwrap();
    let paused = on("rokt.calendar.subscription-paused");
    assert_eq!(paused.text("event_type"), Some("SubscriptionPaused"));
    assert_eq!(paused.text("calendar_subscription_id"), Some("s1"));
    assert_eq!(paused.number("paused_until_date_time_utc"), Some(1_893_456_000_500));
    assert_eq!(paused.text("extra_fields"), Some(r#"{"/eventDetails/subscription/mood":"tired"}"#));
    let subscribe = on("rokt.calendar.subscribe");
    assert_eq!(subscribe.text("loyalty_tier"), Some("gold"));
    assert_eq!(subscribe.text("extra_fields"), None);
}

#[test]
fn explain_follows_the_operators_schemas() {
    let installation = installation(&[("paused.avsc", subscription_paused().unwrap())]);
    fs::write(installation.path("body.json"), PAUSED).unwrap();
    let output = installation.run(["explain", "--json", "--config", "kalends.yaml", "body.json"]).unwrap();
    let account: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(account["topics"]["files"], "rokt.calendar.subscription-paused");
    assert_eq!(account["headers"]["ce_type"], "rokt.calendar.SubscriptionPaused");
    assert_eq!(account["record"]["paused_until_date_time_utc"], "2030-01-01T00:00:00.5Z");
}

#[test]
fn schemas_that_can_not_be_used_end_check_and_run_with_78_and_are_named() {
    let mut smaller = shipped("Unsubscribe").unwrap();
    smaller["fields"].as_array_mut().unwrap().retain(|field| field["name"] != "calendar_title");
    let mut nameless = subscription_paused().unwrap();
    nameless["fields"][0]["kalends"]["from"] = json!(["eventId"]);
    let installation = installation(&[("paused.avsc", nameless), ("unsubscribe.avsc", smaller)]);
    for command in ["check", "run"] {
        let output = installation.run([command, "--config", "kalends.yaml"]).unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(78), "{command}: {said}");
        let line = |file: &str, field: &str| {
            said.lines()
                .any(|line| line.contains("schemas.directory") && line.contains(file) && line.contains(field))
        };
        assert!(line("schemas/paused.avsc", "event_id"), "{command}: {said}");
        assert!(line("schemas/unsubscribe.avsc", "calendar_title"), "{command}: {said}");
    }
}

#[test]
fn schema_without_what_every_record_has_is_refused_and_a_personal_field_without_a_class_is_told_of() {
    let mut lacking = subscription_paused().unwrap();
    lacking["fields"].as_array_mut().unwrap().retain(|field| field["name"] != "journal_position");
    let lacks = installation(&[("paused.avsc", lacking)]);
    let output = lacks.run(["schemas", "check", "./schemas"]).unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(78), "{said}");
    assert!(said.contains("schemas/paused.avsc: `journal_position` is missing"), "{said}");
    assert!(said.contains("kalends schemas show --source UnknownEvent"), "{said}");

    let mut open = subscription_paused().unwrap();
    let field = text_field("email_address", "/eventDetails/subscription/emailAddress");
    open["fields"].as_array_mut().unwrap().push(field);
    let open = installation(&[("paused.avsc", open)]);
    for command in [&["schemas", "check", "./schemas"][..], &["check", "-c", "kalends.yaml"]] {
        let output = open.run(command).unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(0), "{said}");
        assert!(said.contains("field `email_address` has no class of personal data"), "{said}");
    }
}

#[test]
fn shown_source_of_a_schema_is_a_schema_that_can_be_put_in_its_place() {
    let installation = installation(&[]);
    for name in ["Subscribe", "unknownevent"] {
        let output = installation.run(["schemas", "show", "--source", name]).unwrap();
        assert!(output.status.success());
        fs::write(installation.path("schemas").join(format!("{name}.avsc")), output.stdout).unwrap();
    }
    let output = installation.run(["schemas", "check", "./schemas"]).unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(said.trim_end(), "./schemas: sound (2 files, 10 record types)");
}
