use apache_avro::{Schema, types::Value as Avro, writer::datum::GenericDatumWriter};
use proptest::prelude::*;

use super::{FieldValue, Instant, Row, RowBuffer, RowError, RowPlan, RowSchemaError, TimeUnit};

/// A type as it stands in a schema, and values of it.
fn typed() -> impl Strategy<Value = (&'static str, Avro)> {
    prop_oneof![
        any::<bool>().prop_map(|v| ("\"boolean\"", Avro::Boolean(v))),
        any::<i32>().prop_map(|v| ("\"int\"", Avro::Int(v))),
        any::<i64>().prop_map(|v| ("\"long\"", Avro::Long(v))),
        any::<f64>().prop_map(|v| ("\"double\"", Avro::Double(v))),
        any::<i64>()
            .prop_map(|v| (r#"{"type":"long","logicalType":"timestamp-millis"}"#, Avro::TimestampMillis(v))),
        any::<i64>()
            .prop_map(|v| (r#"{"type":"long","logicalType":"timestamp-micros"}"#, Avro::TimestampMicros(v))),
        ".{0,70}".prop_map(|v| ("\"string\"", Avro::String(v))),
        prop::collection::vec(any::<u8>(), 0..80).prop_map(|v| ("\"bytes\"", Avro::Bytes(v))),
        prop::collection::vec(".{0,9}", 0..4).prop_map(|v| {
            (r#"{"type":"array","items":"string"}"#, Avro::Array(v.into_iter().map(Avro::String).collect()))
        }),
    ]
}

/// A field's type in a schema and its value: plain, or in a union with null.
fn field() -> impl Strategy<Value = (String, Avro)> {
    (typed(), 0..3).prop_map(|((kind, value), form)| match form {
        0 => (kind.to_owned(), value),
        1 => (format!("[\"null\", {kind}]"), Avro::Union(1, Box::new(value))),
        _ => (format!("[\"null\", {kind}]"), Avro::Union(0, Box::new(Avro::Null))),
    })
}

/// A schema, and a datum that apache-avro wrote by it.
fn encoded(fields: &[(String, Avro)]) -> (String, Vec<u8>) {
    let named =
        |(index, (kind, _)): (usize, &(String, Avro))| format!(r#"{{"name":"f{index}","type":{kind}}}"#);
    let all: Vec<String> = fields.iter().enumerate().map(named).collect();
    let json = format!(r#"{{"type":"record","name":"R","doc":"A record.","fields":[{}]}}"#, all.join(","));
    let values = fields.iter().enumerate().map(|(index, (_, value))| (format!("f{index}"), value.clone()));
    let schema = Schema::parse_str(&json).unwrap();
    let datum = GenericDatumWriter::builder(&schema)
        .build()
        .unwrap()
        .write_value_to_vec(Avro::Record(values.collect()))
        .unwrap();
    (json, datum)
}

fn matches(found: FieldValue<'_>, expected: &Avro) -> bool {
    match (found, expected) {
        (found, Avro::Union(_, inner)) => matches(found, inner),
        (FieldValue::Null, Avro::Null) => true,
        (FieldValue::Boolean(a), Avro::Boolean(b)) => a == *b,
        (FieldValue::Int(a), Avro::Int(b)) => a == *b,
        (FieldValue::Long(a), Avro::Long(b)) => a == *b,
        (FieldValue::Double(a), Avro::Double(b)) => a.to_bits() == b.to_bits(),
        (FieldValue::Instant(a), Avro::TimestampMillis(b)) => {
            a == Instant { units: *b, unit: TimeUnit::Millis }
        }
        (FieldValue::Instant(a), Avro::TimestampMicros(b)) => {
            a == Instant { units: *b, unit: TimeUnit::Micros }
        }
        (FieldValue::Text(a), Avro::String(b)) => a == b,
        (FieldValue::Bytes(a), Avro::Bytes(b)) => a == b,
        (FieldValue::Texts(a), Avro::Array(b)) => {
            a.iter().map(|text| Avro::String(text.to_owned())).collect::<Vec<_>>() == *b
        }
        _ => false,
    }
}

fn all(row: Row<'_>) -> Result<(), RowError> {
    row.values().try_for_each(|value| {
        if let FieldValue::Texts(texts) = value? {
            texts.iter().for_each(drop);
        }
        Ok(())
    })
}

proptest! {
    #[test]
    fn a_row_has_the_values_that_another_library_wrote(fields in prop::collection::vec(field(), 0..12)) {
        let (json, datum) = encoded(&fields);
        let (plan, mut buffer) = (RowPlan::parse(&json).unwrap(), RowBuffer::default());
        let row = buffer.read(&plan, &datum).unwrap();
        prop_assert_eq!(row.len(), fields.len());
        for (found, (_, expected)) in row.values().zip(&fields) {
            let found = found.unwrap();
            prop_assert!(matches(found, expected), "{:?} is not {:?}", found, expected);
        }
    }

    #[test]
    fn damage_gives_an_error_or_other_values_and_never_a_panic(
        fields in prop::collection::vec(field(), 1..8), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>(),
    ) {
        let (json, mut datum) = encoded(&fields);
        let (plan, mut buffer) = (RowPlan::parse(&json).unwrap(), RowBuffer::default());
        prop_assume!(!datum.is_empty());
        let at = at.index(datum.len());
        if cut { datum.truncate(at) } else { datum[at] = byte }
        let read = buffer.read(&plan, &datum).and_then(all);
        prop_assert!(!cut || read.is_err());
    }

    #[test]
    fn any_bytes_give_an_error_or_values_and_never_a_panic(
        fields in prop::collection::vec(field(), 0..8), datum in any::<Vec<u8>>(),
    ) {
        let (json, _) = encoded(&fields);
        let (plan, mut buffer) = (RowPlan::parse(&json).unwrap(), RowBuffer::default());
        drop(buffer.read(&plan, &datum).and_then(all));
    }
}

fn read(kind: &str, datum: &[u8]) -> Result<(), RowError> {
    let json = format!(r#"{{"type":"record","name":"R","fields":[{{"name":"f","type":{kind}}}]}}"#);
    let (plan, mut buffer) = (RowPlan::parse(&json).unwrap(), RowBuffer::default());
    buffer.read(&plan, datum).and_then(all)
}

#[test]
fn what_is_no_value_of_its_type_is_named_with_its_field() {
    let malformed = |kind: &str, datum: &[u8]| match read(kind, datum) {
        Err(RowError::Malformed { field, expected }) => format!("{field} is not {expected}"),
        other => panic!("{kind} {datum:?}: {other:?}"),
    };
    assert_eq!(malformed("\"boolean\"", &[2]), "f is not a boolean");
    // 2^31, one more than an int holds
    assert_eq!(malformed("\"int\"", &[0x80, 0x80, 0x80, 0x80, 0x10]), "f is not an int");
    // eleven bytes; ten with more than 64 bits
    assert_eq!(malformed("\"long\"", &[0x80; 11]), "f is not a long");
    assert_eq!(malformed("\"long\"", &[255, 255, 255, 255, 255, 255, 255, 255, 255, 2]), "f is not a long");
    assert_eq!(malformed("\"string\"", &[2, 0xff]), "f is not a string of UTF-8");
    // a negative length
    assert_eq!(malformed("\"bytes\"", &[1]), "f is not a run of bytes");
    assert_eq!(malformed("[\"null\", \"long\"]", &[4, 0]), "f is not a long");
    assert_eq!(
        malformed(r#"{"type":"array","items":"string"}"#, &[2, 2, 0xff, 0]),
        "f is not a list of strings of UTF-8"
    );
    assert_eq!(read("\"long\"", &[2, 2]), Err(RowError::LeftOver { bytes: 1 }));
}

#[test]
fn a_list_may_come_in_blocks_that_tell_their_length() {
    let json =
        r#"{"type":"record","name":"R","fields":[{"name":"f","type":{"type":"array","items":"string"}}]}"#;
    let (plan, mut buffer) = (RowPlan::parse(json).unwrap(), RowBuffer::default());
    let row = buffer.read(&plan, &[1, 4, 2, b'a', 4, 2, b'b', 2, b'c', 0]).unwrap();
    let FieldValue::Texts(texts) = row.get(0).unwrap() else { panic!("no list") };
    assert_eq!(texts.iter().collect::<Vec<_>>(), ["a", "b", "c"]);
}

#[test]
fn a_list_that_promises_more_than_the_datum_holds_ends_with_it() {
    let mut datum = vec![0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
    datum.extend([0; 100]);
    let read = read(r#"{"type":"array","items":"string"}"#, &datum);
    assert_eq!(read, Err(RowError::Ends { field: "f".to_owned() }));
}

#[test]
fn a_schema_that_is_no_flat_record_is_refused() {
    let fault = |json: &str| RowPlan::parse(json).unwrap_err();
    assert!(matches!(fault("{"), RowSchemaError::NotJson { .. }));
    assert_eq!(fault("\"string\""), RowSchemaError::NotARecord);
    for kind in ["\"float\"", "[\"string\", \"null\"]", r#"{"type":"map","values":"string"}"#, "\"Other\""] {
        let json = format!(r#"{{"type":"record","name":"R","fields":[{{"name":"f","type":{kind}}}]}}"#);
        assert_eq!(fault(&json), RowSchemaError::UnknownType { field: "f".to_owned() }, "{kind}");
    }
}
