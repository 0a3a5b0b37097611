use std::{fs, path::Path};

use kalends_normalise::Normaliser;

use crate::{META, normalise, plan, said};

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/samples");

/// Bodies in which the same keys come in other orders, twice, and spelled in other ways.
const TWISTED: [&str; 4] = [
    r#"{"eventType":"Subscribe","eventDetails":{"subscription":{"emailAddress":"b@x","calendarTitle":"t"}},"eventId":"e2"}"#,
    r#"{"eventId":"e1","eventId":"e3","eventDetails":{"subscription":{"calendarTitle":"t","calendarTitle":"u"}},"eventType":"Subscribe"}"#,
    r#"{"EVENTID":"e4","eventType":"Subscribe","eventDetails":{"Subscription":{"calendarTITLE":"t","nobodys":1}}}"#,
    r#"{"event\u0049d":"e5","eventType":"Unsubscribe","eventDetails":{"subscription":{"calendar\u0054itle":"t"}}}"#,
];

fn bodies() -> Vec<String> {
    let samples = fs::read_dir(Path::new(SAMPLES)).unwrap();
    let samples = samples.map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap());
    samples.chain(TWISTED.map(str::to_owned)).collect()
}

#[test]
fn what_was_read_before_changes_nothing() {
    let bodies = bodies();
    let alone: Vec<_> = bodies.iter().map(normalise).collect();
    for (index, before) in bodies.iter().enumerate() {
        for (body, alone) in bodies.iter().zip(&alone) {
            let mut normaliser = Normaliser::new(plan());
            normaliser.normalise(before.as_bytes(), &META);
            let outcome = normaliser.normalise(body.as_bytes(), &META);
            assert_eq!(said(&outcome), said(alone), "{body} behind {index}");
        }
    }
}
