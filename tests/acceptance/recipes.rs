//! The statements of `docs/consume/recipes.md` answer from what the daemon wrote.

use std::path::Path;

use kalends_tests::{Installation, config, python::Python};
use serde_json::{Value, json};

fn event(number: u32, event_type: &str, subscription: Value) -> Value {
    let mut details = json!({});
    details["subscription"] = subscription;
    if number == 3 {
        details["loyalty"] = json!({ "tier": "gold" });
    }
    json!({
        "eventId": format!("00000000-0000-4000-8000-{number:012}"),
        "eventType": event_type,
        "eventDetails": details,
    })
}

fn tags(texts: &[&str]) -> Value {
    texts.iter().map(|text| json!({ "tagId": format!("id of {text}"), "tagText": text })).collect()
}

/// Four subscriptions: the first changes its address, the second allows no marketing, the third ends, the fourth says little.
fn events() -> Vec<Value> {
    let ada = |address: &str, followed: &[&str]| {
        json!({
            "calendarSubscriptionId": "s-1", "calendarTitle": "Games", "emailAddress": address, "isMarketingAllowed": true,
            "calendarTags": tags(followed), "enteredPostCode": "90210", "utmCampaign": "spring",
            "timeZoneTag": { "windowsName": "Eastern Standard Time" }, "createdDateTimeUtc": "2020-05-05 01:10:00",
        })
    };
    vec![
        event(1, "Subscribe", ada("ada@example.org", &["Team G", "Team H"])),
        event(
            2,
            "Subscribe",
            json!({
                "calendarSubscriptionId": "s-2", "calendarTitle": "Games", "emailAddress": "bob@example.org", "isMarketingAllowed": false,
                "calendarTags": tags(&["Team G", "Team I"]), "enteredPostCode": "90210", "utmCampaign": "spring",
                "createdDateTimeUtc": "2020-05-04 21:50:00",
            }),
        ),
        event(
            3,
            "Subscribe",
            json!({
                "calendarSubscriptionId": "s-3", "calendarTitle": "Games", "emailAddress": "cleo@example.org", "isMarketingAllowed": true,
                "calendarTags": tags(&["Team G"]), "enteredPostCode": "10001", "utmCampaign": "summer",
                "createdDateTimeUtc": "2020-05-05 07:05:00",
            }),
        ),
        event(4, "Subscribe", json!({ "calendarSubscriptionId": "s-4", "emailAddress": "dan@example.org" })),
        event(5, "SubscriptionDetailsUpdated", ada("ada@example.com", &["Team G"])),
        event(6, "Unsubscribe", json!({ "calendarSubscriptionId": "s-3" })),
    ]
}

#[test]
fn every_statement_of_the_recipes_answers_its_question() {
    let Some(python) = Python::with_duckdb().unwrap() else { return };
    let configuration = config::files().replace("./events", "./data/events");
    let installation = Installation::new(&configuration).unwrap();
    let daemon = installation.start().unwrap();
    for event in events() {
        assert_eq!(daemon.post(event.to_string()).unwrap().status, 200);
    }
    daemon.wait_until_delivered(&["files"]).unwrap();

    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/consume/recipes.md");
    let answers = python.answers(&page, &installation.path("")).unwrap();
    let [_, _, addresses, campaigns, popular, hours, unknown] = answers.as_slice() else {
        panic!("another number of statements: {answers:?}")
    };
    assert_eq!(*addresses, json!([["ada@example.com", ["Games"], "2020-05-05 01:10:00"]]));
    assert_eq!(
        *campaigns,
        json!([
            ["(none)", null, 1, 1],
            ["spring", "2020-05-04", 1, 1],
            ["spring", "2020-05-05", 1, 1],
            ["summer", "2020-05-05", 1, 0],
        ])
    );
    assert_eq!(*popular, json!([["90210", "Team G", 2], ["90210", "Team I", 1]]));
    // Ada's clock was four hours behind UTC.
    assert_eq!(*hours, json!([["Monday", 21, 2], ["Tuesday", 7, 1]]));
    assert_eq!(*unknown, json!([["/eventDetails/loyalty", 1]]));
}

/// A row of an answer as the page shows it.
fn shown(row: &Value) -> String {
    let cell = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    };
    row.as_array().unwrap().iter().map(cell).collect::<Vec<_>>().join(" | ")
}

#[test]
fn recipes_answer_what_the_page_shows_over_what_send_makes() {
    let Some(python) = Python::with_duckdb().unwrap() else { return };
    let installation = Installation::new(&config::files().replace("./events", "./data/events")).unwrap();
    let daemon = installation.start().unwrap();
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/consume/recipes.md");
    let text = std::fs::read_to_string(&page).unwrap();
    let send = text.lines().find(|line| line.starts_with("    kalends send ")).unwrap();
    let url = format!("http://{}{}", daemon.public(), config::PATH);
    let arguments = send.split_whitespace().skip(1).chain(["--url", &url]);
    assert!(installation.run(arguments).unwrap().status.success());
    daemon.wait_until_delivered(&["files"]).unwrap();

    let answers = python.answers(&page, &installation.path("")).unwrap();
    let [_, _, answered @ .., _] = answers.as_slice() else { panic!("another number of statements") };
    let shown: Vec<String> = answered
        .iter()
        .map(|rows| rows.as_array().unwrap().iter().map(shown).collect::<Vec<_>>().join("\n"))
        .collect();
    let on_page: Vec<&str> =
        text.split("```text\n").skip(1).map(|rest| rest.split("\n```").next().unwrap()).collect();
    assert_eq!(on_page, shown, "{}", shown.join("\n\n"));
}
