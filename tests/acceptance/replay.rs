//! Delivering once more what the journal still has, beside a daemon that runs.

use std::fs;

use kalends_tests::{Installation, config, files::records_under, load::Load};
use serde_json::{Value, json};

/// Runs `kalends replay … --json` and returns what it printed.
fn replay(installation: &Installation, arguments: &[&str]) -> Value {
    let all = ["replay", "--config", "kalends.yaml", "--sink", "files", "--json"].iter().chain(arguments);
    let output = installation.run(all).unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {said}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"))
}

fn refused(installation: &Installation, arguments: &[&str]) -> (Option<i32>, String) {
    let all = ["replay", "--config", "kalends.yaml", "--sink", "files"].iter().chain(arguments);
    let output = installation.run(all).unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn replayed(installation: &Installation, id: &str) -> Vec<(String, Option<i64>)> {
    let directory = installation.path(&format!("events/replay={id}"));
    let records = records_under(&directory).unwrap();
    let mut places: Vec<_> =
        records.iter().map(|r| (r.topic.clone(), r.number("journal_position"))).collect();
    places.sort();
    places
}

#[test]
fn what_was_delivered_is_delivered_once_more_beside_the_daemon_that_notices_nothing() {
    let installation = Installation::new(&config::files()).unwrap();
    let daemon = installation.start().unwrap();
    let sent = Load::start("again", daemon.public(), 4, 60).finish().unwrap();
    for _ in 0..3 {
        daemon.post("no event").unwrap();
        daemon.post(r#"{"eventId":"same","eventType":"Unsubscribe","eventDetails":{}}"#).unwrap();
    }
    daemon.wait_until_delivered(&["files"]).unwrap();
    let (live, before) = (installation.records().unwrap(), daemon.status().unwrap()["sinks"].clone());

    let dry = replay(&installation, &["--dry-run"]);
    assert_eq!(dry["records"], json!(live.len()), "all but duplicates");
    assert!(!installation.path("journal/replays").exists(), "a dry run leaves nothing behind");

    let all = replay(&installation, &["--id", "all"]);
    assert_eq!((&all["records"], &all["complete"]), (&json!(live.len()), &json!(true)));
    let places = |records: &[kalends_tests::Record]| {
        let mut places: Vec<_> =
            records.iter().map(|r| (r.topic.clone(), r.number("journal_position"))).collect();
        places.sort();
        places
    };
    assert_eq!(replayed(&installation, "all"), places(&live));
    assert_eq!(replay(&installation, &["--id", "all"])["records"], json!(0), "it was complete");

    let letters = replay(&installation, &["--id", "letters", "--dead-letters"]);
    assert_eq!(letters["types"], json!({ "DeadLetter": 3 }));
    assert_eq!(letters["still_dead_letters"], 3, "none of them is an event now");
    let some = replay(
        &installation,
        &["--id", "some", "--type", "Subscribe", "--key", "subscription-00", "--rate", "500"],
    );
    let expected = live.iter().filter(|r| {
        r.topic == "rokt.calendar.subscribe" && r.text("calendar_subscription_id") == Some("subscription-00")
    });
    assert_eq!(some["records"], json!(expected.count()));
    assert_eq!(replay(&installation, &["--dry-run", "--to", "2001-01-01T00:00:00Z"])["records"], json!(0));
    assert_eq!(replay(&installation, &["--dry-run", "--from", "2100-01-01T00:00:00Z"])["records"], json!(0));

    let (code, said) = refused(&installation, &["--id", "some"]);
    assert!(code == Some(64) && said.contains("--type Subscribe"), "{code:?} {said}");
    let after = daemon.status().unwrap()["sinks"].clone();
    assert_eq!((&after[0]["position"], &after[0]["state"]), (&before[0]["position"], &before[0]["state"]));
    assert_eq!(daemon.terminate().unwrap().code(), Some(0));
    assert_eq!(sent.acknowledged.len() + sent.unknown.len(), 60);
}

#[test]
fn what_a_schema_has_come_for_since_becomes_a_record_of_its_own() {
    let installation = Installation::new(&config::files()).unwrap();
    let daemon = installation.start().unwrap();
    daemon
        .post(r#"{"eventId":"p1","eventType":"SubscriptionPaused","eventDetails":{"accountCode":"a"}}"#)
        .unwrap();
    daemon.wait_until_delivered(&["files"]).unwrap();
    assert_eq!(daemon.terminate().unwrap().code(), Some(0));
    assert_eq!(installation.records().unwrap()[0].topic, "rokt.calendar.unknown");

    let shipped =
        format!("{}/../crates/normalise/schemas/SubscriptionEventDeleted.avsc", env!("CARGO_MANIFEST_DIR"));
    let mut schema: Value = serde_json::from_str(&fs::read_to_string(shipped).unwrap()).unwrap();
    schema["name"] = json!("SubscriptionPaused");
    schema["kalends"] = json!({ "types": ["SubscriptionPaused"], "topic": "subscription-paused" });
    fs::create_dir(installation.path("schemas")).unwrap();
    fs::write(installation.path("schemas/paused.avsc"), schema.to_string()).unwrap();
    installation.configure(&format!("{}schemas: {{ directory: ./schemas }}\n", config::files())).unwrap();

    let done = replay(&installation, &["--type", "SubscriptionPaused", "--id", "paused"]);
    assert_eq!(done["types"], json!({ "SubscriptionPaused": 1 }), "with no daemon running");
    assert_eq!(
        replayed(&installation, "paused"),
        [("rokt.calendar.subscription-paused".to_owned(), Some(1))]
    );
}
