//! Every folder of `tests/fixtures/events` holds a body as received and the record that becomes of it.

use std::{collections::BTreeSet, fs, path::Path};

use kalends_normalise::{Outcome, Plan, Quirk, Reason};
use serde_json::{Value as Json, json};

use crate::{normalise, plan};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures");

fn said(outcome: &Outcome, plan: &Plan) -> Json {
    match outcome {
        Outcome::Event(event) => json!({
            "type": event.event_type(),
            "topic": plan.records()[event.record].topic_suffix,
            "key": event.key(),
            "quirks": event.quirks.iter().map(|seen| format!("{} {}", seen.quirk.as_str(), seen.pointer)).collect::<Vec<_>>(),
            "record": event.to_json(),
        }),
        Outcome::DeadLetter(letter) => json!({
            "reason": letter.reason.as_str(),
            "message": letter.message,
            "event_id": letter.event_id,
            "event_type": letter.event_type,
        }),
    }
}

#[test]
fn every_body_becomes_its_record() {
    let plan = plan();
    for case in fs::read_dir(Path::new(FIXTURES).join("events")).unwrap() {
        let case = case.unwrap().path();
        let body = fs::read(case.join("body.json")).unwrap();
        let said = said(&normalise(&body), &plan);
        let want: Json = serde_json::from_slice(&fs::read(case.join("record.json")).unwrap()).unwrap();
        assert_eq!(said, want, "{}", case.display());
    }
}

#[test]
fn every_printed_sample_of_an_event_has_its_folder() {
    for sample in fs::read_dir(Path::new(FIXTURES).join("samples")).unwrap() {
        let sample = sample.unwrap().path();
        let name = sample.file_stem().unwrap().to_str().unwrap();
        if !name.starts_with("object-") {
            let body = Path::new(FIXTURES).join("events").join(name).join("body.json");
            assert_eq!(fs::read(&body).unwrap(), fs::read(&sample).unwrap(), "{name}");
        }
    }
}

/// The words in backticks of a table's cell.
fn words(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// The names that stand behind each quirk or reason, and all folders, of `docs/reference/quirks.md`.
fn page() -> (Vec<(String, Vec<String>)>, BTreeSet<String>) {
    let page =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/quirks.md")).unwrap();
    let rows = page
        .lines()
        .filter(|line| line.starts_with('|') && !line.contains("shown by") && !line.contains("--"));
    let mut told = Vec::new();
    let mut folders = BTreeSet::new();
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        let shown: Vec<String> = words(cells.last().unwrap()).map(str::to_owned).collect();
        folders.extend(shown.iter().cloned());
        // The last table has no names.
        if cells.len() > 3 || shown.iter().all(|folder| folder.starts_with("dead-")) {
            told.extend(words(cells[0]).map(|name| (name.to_owned(), shown.clone())));
        }
    }
    (told, folders)
}

#[test]
fn every_quirk_and_reason_is_told_of_and_shown_by_its_folders() {
    let (told, folders) = page();
    let names: BTreeSet<&str> = told.iter().map(|(name, _)| name.as_str()).collect();
    let reasons = Reason::ALL.map(Reason::as_str);
    assert_eq!(names, Quirk::ALL.map(Quirk::as_str).into_iter().chain(reasons).collect());
    for (name, shown) in told {
        assert!(!shown.is_empty(), "{name} is shown by no folder");
        for folder in shown {
            let record =
                fs::read(Path::new(FIXTURES).join("events").join(&folder).join("record.json")).unwrap();
            let record: Json = serde_json::from_slice(&record).unwrap();
            let quirks = record["quirks"].as_array().into_iter().flatten().filter_map(Json::as_str);
            let mut all = quirks.chain(record["reason"].as_str()).map(|seen| seen.split(' ').next());
            assert!(all.any(|seen| seen == Some(&name)), "{folder} does not show {name}");
        }
    }
    let there = fs::read_dir(Path::new(FIXTURES).join("events")).unwrap();
    let there = there.map(|folder| folder.unwrap().file_name().into_string().unwrap());
    assert_eq!(there.collect::<BTreeSet<_>>(), folders, "docs/reference/quirks.md names every folder");
}
