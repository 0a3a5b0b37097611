//! Hostile bodies and hostile schemas: nothing panics, nothing recurses without bound, and what is accepted is sound.
//!
//! Each test goes on for five seconds, or as many as `KALENDS_SOAK_SECONDS` says. What fails is shrunk and printed.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that meets what it does not expect should stop there"
)]

mod bodies;
mod corpus;
mod mutate;
mod schemas;

use std::{
    env,
    time::{Duration, Instant},
};

use apache_avro::{Schema, reader::datum::GenericDatumReader};
use kalends_normalise::{DeadLetterRow, Event, Meta, Normaliser, Outcome, Plan};
use proptest::{
    strategy::Strategy,
    test_runner::{Config, TestCaseResult, TestRunner},
};

const META: Meta<'static> = Meta {
    endpoint: "main",
    received_at: 1_588_727_930_120_999,
    journal_id: "000102030405060708090a0b0c0d0eff",
    shard: 0,
    position: 42,
};

/// Tries values of `strategy` until the time is over.
fn search<S: Strategy>(strategy: &S, test: impl Fn(S::Value) -> TestCaseResult) {
    let seconds = env::var("KALENDS_SOAK_SECONDS").map_or(5, |seconds| seconds.parse().unwrap());
    let (begin, patience) = (Instant::now(), Duration::from_secs(seconds));
    let config = Config { cases: 16, failure_persistence: None, ..Config::default() };
    while begin.elapsed() < patience {
        if let Err(failure) = TestRunner::new(config.clone()).run(strategy, &test) {
            panic!("{failure}");
        }
    }
}

/// Normalises `body` and holds that the record is what its schema says, and that a second time gives the same.
fn hold(body: &[u8], normaliser: &mut Normaliser, plan: &Plan, schemas: &[Schema]) {
    let datum = |outcome: &Outcome| -> (usize, Vec<u8>) {
        let mut datum = Vec::new();
        match outcome {
            Outcome::Event(event) => {
                assert!(event.quirks.len() <= Event::MAX_QUIRKS);
                assert!(event.to_json().is_object());
                datum.extend_from_slice(event.datum());
                (event.record, datum)
            }
            Outcome::DeadLetter(letter) => {
                let row = DeadLetterRow {
                    meta: META,
                    reason: letter.reason.as_str(),
                    message: &letter.message,
                    body_bytes: body.len().try_into().unwrap(),
                    body: Some(body),
                    event_id: letter.event_id.as_deref(),
                    event_type: letter.event_type.as_deref(),
                };
                assert!(plan.dead_letter_to_json(&row).is_object());
                plan.encode_dead_letter(&row, &mut datum);
                (plan.dead_letter(), datum)
            }
        }
    };
    let (record, first) = datum(&normaliser.normalise(body, &META));
    let again = datum(&normaliser.normalise(body, &META));
    assert_eq!((record, &first), (again.0, &again.1), "the same body gives the same record");
    let mut rest = first.as_slice();
    GenericDatumReader::builder(&schemas[record]).build().unwrap().read_value(&mut rest).unwrap();
    assert!(rest.is_empty(), "nothing is behind the record");
}

/// The schemas of a plan's records, as Avro's own implementation reads them.
fn schemas(plan: &Plan) -> Vec<Schema> {
    plan.records().iter().map(|record| Schema::parse_str(&record.schema_json).unwrap()).collect()
}
