//! Every folder of `tests/fixtures/events` holds a body as received and the record that becomes of it.

use std::{fs, path::Path};

use kalends_normalise::{Outcome, Plan, Quirk};
use serde_json::{Value as Json, json};

use crate::{normalise, plan};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures");

fn said(outcome: &Outcome, plan: &Plan) -> Json {
    match outcome {
        Outcome::Event(event) => json!({
            "type": event.event_type,
            "topic": plan.records()[event.record].topic_suffix,
            "key": event.key,
            "quirks": event.quirks.iter().map(|seen| format!("{} {}", seen.quirk.as_str(), seen.pointer)).collect::<Vec<_>>(),
            "record": event.to_json(plan),
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

#[test]
fn every_quirk_has_a_folder_that_shows_it() {
    let cases: Vec<Json> = fs::read_dir(Path::new(FIXTURES).join("events"))
        .unwrap()
        .map(|case| {
            serde_json::from_slice(&fs::read(case.unwrap().path().join("record.json")).unwrap()).unwrap()
        })
        .collect();
    for quirk in Quirk::ALL {
        let shows = |seen: &Json| seen.as_str().unwrap().split(' ').next() == Some(quirk.as_str());
        let is_there =
            cases.iter().any(|case| case["quirks"].as_array().is_some_and(|seen| seen.iter().any(shows)));
        assert!(is_there, "no fixture shows {}", quirk.as_str());
    }
}
