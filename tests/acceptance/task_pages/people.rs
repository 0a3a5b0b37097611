//! The pages about single webhooks and single people.

use std::fs;

use kalends_tests::{config, postgres::Postgres};

use super::site::{Site, root};

const MENDED: &str = r#"{"eventId":"mended","eventType":"Test"}"#;

#[test]
fn mend_a_dead_letter() {
    let mut site = Site::new(&config::files());
    let url = format!("http://{}{}", site.daemon().public(), config::PATH);
    site.filled.insert("POSITION", "1".to_owned());
    site.filled.insert("http://127.0.0.1:8080/webhooks/rokt", url);
    site.daemon().post(MENDED.trim_end_matches('}')).unwrap();
    site.daemon().wait_until_delivered(&["files"]).unwrap();
    site.follow("mend-a-dead-letter", |site, command, said| {
        if command.contains("journal cat") {
            let body = fs::read_to_string(site.installation.path("body.json")).unwrap();
            assert_eq!(body, MENDED.trim_end_matches('}'));
            fs::write(site.installation.path("body.json"), MENDED).unwrap();
        }
        if command.contains("explain") {
            assert!(said.contains("record       Test") && !said.contains("dead letter"), "{said}");
        }
        if command.contains("replay") {
            assert!(said.contains("1 of them are dead letters still"), "{said}");
        }
    });
    site.daemon().wait_until_delivered(&["files"]).unwrap();
    let records = site.installation.records().unwrap();
    assert!(records.iter().any(|record| record.text("event_id") == Some("mended")), "{records:?}");
    assert!(!site.installation.path("body.json").exists());
}

fn subscribe(id: &str, subscription: &str, address: &str) -> String {
    format!(
        r#"{{"eventId":"{id}","eventType":"Subscribe","eventDetails":{{"subscription":{{"calendarSubscriptionId":"{subscription}","emailAddress":"{address}","remoteIpAddress":"203.0.113.9"}}}}}}"#
    )
}

#[test]
fn erase_a_person() {
    let mut site = Site::new(&config::files());
    site.daemon().post(subscribe("e-1", "s-1", "Somebody@example.com")).unwrap();
    site.daemon().post(subscribe("e-2", "s-2", "other@example.com")).unwrap();
    site.daemon().wait_until_delivered(&["files"]).unwrap();
    site.follow(
        "erase-a-person#The journal, and everything that leaves it from now on",
        |_, command, said| {
            if command.ends_with("--yes") {
                assert!(said.contains("every sink of the running daemon uses it"), "{said}");
            }
            if command.contains("status") {
                assert!(said.contains("forgotten: 2 entries"), "{said}");
            }
        },
    );
    site.follow("erase-a-person#Files", |_, _, said| {
        assert_eq!(said.lines().count(), 1, "the one file that has the person: {said}");
    });
    site.daemon().post(subscribe("e-3", "s-1", "somebody@example.com")).unwrap();
    site.daemon().wait_until_delivered(&["files"]).unwrap();
    let records = site.installation.records().unwrap();
    let third = records.iter().find(|record| record.text("event_id") == Some("e-3")).unwrap();
    assert_eq!((third.text("email_address"), third.text("calendar_subscription_id")), (None, Some("s-1")));
}

/// The statements of a page, one a line.
fn statements(page: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join("docs/tasks").join(page)).unwrap();
    let block = text.split("```sql\n").nth(1).unwrap().split("```").next().unwrap();
    block.lines().map(str::to_owned).collect()
}

#[test]
fn the_statements_erase_a_person_from_a_database() {
    let Some(postgres) = Postgres::start("erased").unwrap() else { return };
    let configuration = format!(
        "{}  database: {{ kind: postgres, url: \"postgres://kalends@{}\", tls: off }}\n",
        config::files().split("  files:").next().unwrap(),
        postgres.place()
    );
    let site = Site::new(&configuration);
    site.daemon().post(subscribe("e-1", "s-1", "Somebody@example.com")).unwrap();
    site.daemon().post(subscribe("e-2", "s-2", "other@example.com")).unwrap();
    site.daemon().post("{ \"emailAddress\": \"somebody@example.com\" ").unwrap();
    site.daemon().wait_until_delivered(&["database"]).unwrap();
    let mut statements = statements("erase-a-person.md").into_iter();
    let found = postgres.rows(&statements.next().unwrap()).unwrap();
    assert_eq!(found, [serde_json::json!({ "calendar_subscription_id": "s-1" })]);
    for statement in statements {
        postgres.sql(&statement.replace("'ID'", "'s-1'")).unwrap();
    }
    for table in ["subscribe", "subscription_state", "dead_letter"] {
        let rows =
            serde_json::to_string(&postgres.rows(&format!("select * from rokt.{table}")).unwrap()).unwrap();
        // "somebody" as a column of bytes is shown.
        let bytes = "736f6d65626f6479";
        assert!(!rows.to_lowercase().contains("somebody") && !rows.contains(bytes), "{table}: {rows}");
    }
    assert_eq!(postgres.rows("select * from rokt.subscribe").unwrap().len(), 2, "the rows stay");
}
