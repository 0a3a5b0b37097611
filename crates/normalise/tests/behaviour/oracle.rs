//! The datum is what Avro's own implementation reads and would have written.

use std::{fs, sync::Arc};

use apache_avro::{
    Schema, reader::datum::GenericDatumReader, types::Value as Avro, writer::datum::GenericDatumWriter,
};
use kalends_normalise::{DeadLetterRow, Edit, Event, Normaliser, Outcome, Plan, TimeUnit, Value};
use proptest::prelude::*;

use crate::{META, event, nothing_lost::body, plan_in};

/// Reads a datum by its schema, and holds that writing it again gives the same bytes.
fn read(plan: &Plan, record: usize, datum: &[u8]) -> Vec<(String, Avro)> {
    let schema = Schema::parse_str(&plan.records()[record].schema_json).unwrap();
    let mut rest = datum;
    let value = GenericDatumReader::builder(&schema).build().unwrap().read_value(&mut rest).unwrap();
    assert!(rest.is_empty(), "{} bytes are left over", rest.len());
    let again =
        GenericDatumWriter::builder(&schema).build().unwrap().write_value_to_vec(value.clone()).unwrap();
    assert_eq!(again, datum);
    match value {
        Avro::Record(fields) => fields,
        other => panic!("{other:?}"),
    }
}

fn plain(value: Avro) -> Value<'static> {
    match value {
        Avro::Union(_, inner) => plain(*inner),
        Avro::Null => Value::Null,
        Avro::String(text) => Value::Text(text.into()),
        Avro::Boolean(value) => Value::Boolean(value),
        Avro::Int(value) => Value::Int(value),
        Avro::Long(value) => Value::Long(value),
        Avro::Double(value) => Value::Double(value),
        Avro::TimestampMillis(value) => Value::Millis(value),
        Avro::TimestampMicros(value) => Value::Micros(value),
        Avro::Bytes(bytes) => Value::Bytes(bytes.into()),
        Avro::Array(items) => Value::Texts(
            items
                .into_iter()
                .map(|item| match item {
                    Avro::String(text) => text.into(),
                    other => panic!("{other:?}"),
                })
                .collect(),
        ),
        other => panic!("{other:?}"),
    }
}

fn holds(plan: &Plan, event: &Event) {
    let read = read(plan, event.record, event.datum());
    let values: Vec<Value<'_>> = read.into_iter().map(|(_, value)| plain(value)).collect();
    assert_eq!(values, event.values().collect::<Vec<_>>());
}

#[test]
fn the_datum_of_every_fixture_is_read_as_its_values() {
    for unit in [TimeUnit::Millis, TimeUnit::Micros] {
        let plan = plan_in(unit);
        let mut normaliser = Normaliser::new(Arc::clone(&plan));
        for case in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/events")).unwrap()
        {
            let body = fs::read(case.unwrap().path().join("body.json")).unwrap();
            if let Outcome::Event(event) = normaliser.normalise(&body, &META) {
                holds(&plan, &event);
            }
        }
    }
}

#[test]
fn a_dead_letter_is_read_as_it_was_said() {
    let plan = plan_in(TimeUnit::Millis);
    let row = DeadLetterRow {
        meta: META,
        reason: "too-large",
        message: "it is larger than the broker takes",
        body_bytes: 3,
        body: Some(b"\xff{}"),
        event_id: Some("e1"),
        event_type: None,
    };
    let mut datum = Vec::new();
    plan.encode_dead_letter(&row, &mut datum);
    let read: Vec<Value<'_>> =
        read(&plan, plan.dead_letter(), &datum).into_iter().map(|(_, value)| plain(value)).collect();
    let want = [
        Value::Millis(1_588_727_930_120),
        Value::Text("main".into()),
        Value::Text(META.journal_id.into()),
        Value::Int(0),
        Value::Long(42),
        Value::Text("too-large".into()),
        Value::Text("it is larger than the broker takes".into()),
        Value::Long(3),
        Value::Bytes(b"\xff{}".into()),
        Value::Text("e1".into()),
        Value::Null,
    ];
    assert_eq!(read, want);
    assert_eq!(plan.dead_letter_to_json(&row)["received_at"], "2020-05-06T01:18:50.12Z");
}

#[test]
fn an_edit_drops_or_replaces_what_may_be_and_nothing_else() {
    let plan = crate::plan();
    let event = event(include_str!("../../../../tests/fixtures/samples/subscribe.json"));
    let fields = &plan.records()[event.record].fields;
    let mut datum = Vec::new();
    event.encode_edited(&mut datum, |index, value| match fields[index].name.as_str() {
        "email_address" => Edit::Text(format!("hash of {}", value.as_text().unwrap())),
        "event_id" | "user_agent" => Edit::Drop,
        "is_marketing_allowed" => Edit::Text("no text".to_owned()),
        _ => Edit::Keep,
    });
    let read = read(&plan, event.record, &datum);
    for ((name, value), was) in read.into_iter().zip(event.values()) {
        let want = match name.as_str() {
            "email_address" => Value::Text("hash of john.smith@gmail.com".into()),
            "user_agent" | "is_marketing_allowed" => Value::Null,
            _ => was,
        };
        assert_eq!(plain(value), want, "{name}");
    }
}

proptest! {
    #[test]
    fn the_datum_of_any_event_is_read_as_its_values(body in body(), micros: bool) {
        let unit = if micros { TimeUnit::Micros } else { TimeUnit::Millis };
        let plan = plan_in(unit);
        if let Outcome::Event(event) = Normaliser::new(Arc::clone(&plan)).normalise(body.to_string().as_bytes(), &META) {
            holds(&plan, &event);
        }
    }
}
