//! Every field of every record in every case of `docs/reference/values.md`.

mod cell;
mod field;
mod rule;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use cell::Cell;
use field::{Kind, Place, place};
use rule::{Rule, Rules};

use crate::plan;

/// Cases of a field, in the columns of `docs/reference/fields.md`.
const CASES: [&str; 8] =
    ["present", "null", "absent", "wrong type", "other case", "alias", "both", "duplicate key"];

/// Number of bodies that were tried, by field and case.
type Counts = BTreeMap<String, [usize; CASES.len()]>;

fn headings(record: &str, field: &str, place: Place) -> Vec<&'static str> {
    let every = "Every field of a body";
    let of_kind = match place.kind {
        Kind::Elsewhere => {
            return if field == "extra_fields" { vec![] } else { vec!["What no body decides"] };
        }
        Kind::Text | Kind::WindowsZone(_) => vec!["Texts"],
        Kind::Truth => vec!["Truths"],
        Kind::Whole => vec!["Whole numbers"],
        Kind::Instant => vec!["Instants"],
        Kind::LocalTime => vec!["Local times"],
        Kind::Tag => vec!["A member of a calendar tag"],
        Kind::EventId => vec!["The event's identifier"],
        Kind::EventType if record == "UnknownEvent" => vec!["The event's type", "Of no known type"],
        Kind::EventType => vec!["The event's type", "Of a known type"],
        Kind::Details if record == "Test" => vec!["The details as JSON text", "Of a Test"],
        Kind::Details => vec!["The details as JSON text", "Of an unknown type"],
    };
    let second = place.second.map(|_| "A field with a second name");
    let elsewhere = (field == "calendar_subscription_id").then_some("A field with a second place");
    std::iter::once(every).chain(of_kind).chain(second).chain(elsewhere).collect()
}

/// Tables that go by other things than a field's own place: the heading, the place and what may be read there.
fn special(field: &str) -> Vec<(&'static str, Place)> {
    let at = |parent, key| Place { kind: Kind::Elsewhere, parent, key, second: None };
    let holder = |parent, key| {
        let kind = place(field).map_or(Kind::Text, |place| place.kind);
        vec![("Objects that hold fields", Place { kind, parent, key, second: None })]
    };
    let entry = |key| at("/eventDetails/subscriptionEvent", key);
    match field {
        "calendar_id" => holder("/eventDetails", "subscription"),
        "subscription_event_id" => holder("/eventDetails", "subscriptionEvent"),
        "time_zone_windows_name" => holder("/eventDetails/subscription", "timeZoneTag"),
        "calendar_tag_ids" | "calendar_tag_texts" => {
            vec![("Calendar tags", at("/eventDetails/subscription", "calendarTags"))]
        }
        "subscription_event_start_date_time_utc" => {
            vec![("Instants from local times", entry("startDateTime")), ("The start", entry("startDateTime"))]
        }
        "subscription_event_end_date_time_utc" => {
            vec![("Instants from local times", entry("endDateTime")), ("The end", entry("endDateTime"))]
        }
        _ => vec![],
    }
}

/// Tries every cell there is.
fn tried() -> Counts {
    let (rules, mut counts, mut used) = (Rules::read(), Counts::new(), BTreeSet::new());
    let plan = plan();
    let records = plan.records().iter().filter(|record| record.name != "DeadLetter");
    for (record, field) in
        records.flat_map(|record| record.fields.iter().map(move |field| (record, &field.name)))
    {
        let place = place(field).unwrap_or_else(|| panic!("nobody wrote down what becomes of {field}"));
        let headings = headings(&record.name, field, place);
        let counts = counts.entry(field.clone()).or_default();
        let mut hold = |rule: &Rule, place, others_move| {
            Cell { record: &record.name, field, place, rule, others_move }.hold();
            counts[column(&rule.case)] += 1;
        };
        rules.under(&headings).iter().for_each(|rule| hold(rule, place, false));
        used.extend(headings);
        for (heading, place) in special(field) {
            rules.under(&[heading]).iter().for_each(|rule| hold(rule, place, true));
            used.insert(heading);
        }
    }
    assert_eq!(used, rules.headings().collect(), "every table is tried");
    counts
}

fn column(case: &str) -> usize {
    CASES.iter().position(|name| case.split([':', ',']).next() == Some(name)).unwrap_or(0)
}

/// The cells as a table; one that no body was tried for says why.
pub(crate) fn table() -> String {
    let mut table = format!("| field | {} |\n|---|{}\n", CASES.join(" | "), "---|".repeat(CASES.len()));
    for (field, counts) in tried() {
        let place = place(&field).unwrap();
        let cells = CASES.iter().zip(counts).map(|(case, count)| match (count, place.kind, *case) {
            (0, Kind::Elsewhere, _) => "in no body".to_owned(),
            (0, _, "alias" | "both") => "one name".to_owned(),
            (0, ..) => panic!("{field} is not tried: {case}"),
            _ => count.to_string(),
        });
        writeln!(table, "| `{field}` | {} |", cells.collect::<Vec<_>>().join(" | ")).unwrap();
    }
    table
}

#[test]
fn every_field_of_every_record_holds_what_the_rules_say_in_every_case() {
    let counts = tried();
    let all: usize = counts.values().flatten().sum();
    assert!(all > 2_000, "{all}");
}
