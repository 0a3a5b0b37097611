//! Records as readers in other languages see them.

use std::{fs, path::Path};

use apache_avro::types::Value as Avro;
use kalends_tests::{Installation, Record, config, python::Python, tree::files_under};
use serde_json::{Map, Value, json};

/// Every body that the project keeps and the listener takes: the sender's samples, each quirk, and bodies that are no
/// events.
fn bodies() -> Vec<Vec<u8>> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let files = [files_under(&fixtures.join("events")), files_under(&fixtures.join("samples"))];
    let files = files.into_iter().flat_map(Result::unwrap);
    let bodies = files.filter(|file| !file.ends_with("record.json")).map(|file| fs::read(file).unwrap());
    bodies.filter(|body| !body.is_empty()).collect()
}

fn plain(value: &Avro) -> Value {
    match value {
        Avro::Null => Value::Null,
        Avro::String(text) => json!(text),
        Avro::Boolean(truth) => json!(truth),
        Avro::Int(number) => json!(number),
        Avro::Long(number) | Avro::TimestampMillis(number) | Avro::TimestampMicros(number) => json!(number),
        Avro::Bytes(bytes) => {
            let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            json!({ "bytes": digits.concat() })
        }
        Avro::Array(items) => items.iter().map(plain).collect(),
        other => panic!("no field is a {other:?}"),
    }
}

fn in_order(mut records: Vec<Value>) -> Vec<Value> {
    records.sort_by_key(|record| record["journal_position"].as_i64());
    records
}

fn read_alike(configuration: &str) {
    let Some(python) = Python::with_avro().unwrap() else { return };
    // Every body counts, however often its event's id was there before.
    let installation = Installation::new(&format!("{configuration}deduplicate: {{ window: 0s }}\n")).unwrap();
    let daemon = installation.start().unwrap();
    let bodies = bodies();
    for body in &bodies {
        assert_eq!(daemon.post(body).unwrap().status, 200);
    }
    daemon.wait_until_delivered(&["files"]).unwrap();
    daemon.terminate().unwrap();

    let fields = |record: &Record| -> Value {
        record.fields.iter().map(|(name, value)| (name.clone(), plain(value))).collect::<Map<_, _>>().into()
    };
    let ours = in_order(installation.records().unwrap().iter().map(fields).collect());
    assert_eq!(ours.len(), bodies.len());
    let files = files_under(&installation.path("events")).unwrap();
    let files: Vec<_> =
        files.into_iter().filter(|file| file.extension().is_some_and(|ending| ending == "avro")).collect();
    for library in ["fastavro", "avro"] {
        let theirs = in_order(python.records(library, &files).unwrap());
        assert_eq!(theirs.len(), ours.len(), "{library}");
        for (theirs, ours) in theirs.iter().zip(&ours) {
            assert_eq!(theirs, ours, "{library}");
        }
    }
}

#[test]
fn fastavro_and_avro_for_python_read_the_same_values() {
    read_alike(&config::files());
}

#[test]
fn fastavro_and_avro_for_python_read_the_same_microseconds() {
    read_alike(&format!("{}timestamps: micros\n", config::files()));
}
