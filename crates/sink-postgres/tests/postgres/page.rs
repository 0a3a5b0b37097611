//! Every statement of docs/consume/postgres.md, run over events whose answers are known.

use serde_json::json;

use crate::{
    events::{DAY, Event, HOUR, START, subscribe, time, unsubscribe},
    servers,
    world::{Deliver, World, made},
};

/// The statements of the page, by the heading above them.
fn statements() -> Vec<(String, String)> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/consume/postgres.md");
    let text = std::fs::read_to_string(page).unwrap();
    let (mut heading, mut found, mut block) = (String::new(), Vec::new(), None::<String>);
    for line in text.lines() {
        match (&mut block, line) {
            (Some(sql), "```") => {
                found.push((heading.clone(), sql.clone()));
                block = None;
            }
            (Some(sql), line) => {
                sql.push_str(line);
                sql.push('\n');
            }
            (None, "```sql") => block = Some(String::new()),
            (None, line) if line.starts_with('#') => {
                line.trim_start_matches('#').trim().clone_into(&mut heading);
            }
            _ => {}
        }
    }
    found
}

fn of<'a>(all: &'a [(String, String)], heading: &str) -> Vec<&'a str> {
    let found: Vec<&str> = all.iter().filter(|(at, _)| at == heading).map(|(_, sql)| sql.as_str()).collect();
    assert!(!found.is_empty(), "no statement under {heading}");
    found
}

fn events() -> Vec<Event> {
    let details = json!({
        "createdDateTimeUtc": time(START + 13 * HOUR),
        "emailAddress": "ada@example.org",
        "isMarketingAllowed": true,
        "calendarTitle": "Sports",
        "enteredPostCode": "90210",
        "utmCampaign": "spring",
        "timeZoneTag": { "windowsName": "Eastern Standard Time" },
        "calendarTags": [{ "tagId": "1", "tagText": "Team G" }, { "tagId": "2", "tagText": "Team H" }],
    });
    let mut other = details.clone();
    other["emailAddress"] = json!("ADA@example.org");
    other["calendarTitle"] = json!("Music");
    other["calendarTags"] = json!([{ "tagId": "1", "tagText": "Team G" }]);
    let gone = DAY + HOUR;
    vec![
        Event::new("Subscribe", "7AE10174-37fb-4448-8f61-2f86f167009e", START + 13 * HOUR, &details),
        Event::new("Subscribe", "t", START + 13 * HOUR, &other),
        subscribe("u", START + DAY, START + DAY, "bob@example.org", Some(true)),
        unsubscribe("u", Some(START + gone), START + gone),
        subscribe("v", START + DAY, START + DAY, "eve@example.org", None),
        Event::raw(
            r#"{"eventType":"Subscribe","eventDetails":{"subscription":{"emailAddress":"ada@example.org"}}}"#,
        ),
    ]
}

#[test]
fn the_questions_of_the_page_have_their_answers() {
    let world = World::new(servers::old());
    world.connected().deliver(&made(&events(), 1)).unwrap();
    let all = statements();
    let answers: Vec<String> = of(&all, "What to ask it").iter().map(|sql| world.sql(sql)).collect();
    assert_eq!(
        answers,
        [
            "ADA@example.org|{Music,Sports}",
            "(none)|2026-01-02|2|1\nspring|2026-01-01|2|2",
            "90210|Team G|2\n90210|Team H|1",
            "Friday|0|2\nThursday|8|2",
        ]
    );
}

#[test]
fn the_statements_about_rights_and_size_can_be_run() {
    let world = World::new(servers::old());
    drop(world.connected());
    let all = statements();
    for heading in ["Rights", "When a table grows"] {
        for statement in of(&all, heading) {
            world.sql(&statement.replace("SCHEMA rokt", &format!("SCHEMA {}", world.schema)));
        }
    }
}

#[test]
fn erasing_by_address_or_by_id_leaves_nothing_of_the_person_and_all_of_the_others() {
    let all = statements();
    let erasing = of(&all, "Erasing a person");
    for (statement, left) in [(erasing[0], "u,v"), (erasing[1], "t,u,v")] {
        let world = World::new(servers::old());
        world.connected().deliver(&made(&events(), 1)).unwrap();
        world.sql(statement);
        let ids = |table: &str| {
            world.sql(&format!(
                "SELECT string_agg(calendar_subscription_id, ',' ORDER BY 1) FROM rokt.{table}"
            ))
        };
        assert_eq!((ids("subscribe"), ids("subscription_state")), (left.into(), left.into()));
        assert_eq!(world.positions("dead_letter").len(), usize::from(left.starts_with('t')));
        assert_eq!(world.positions("unsubscribe").len(), 1);
    }
}
