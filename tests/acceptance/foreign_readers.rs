//! Records as readers in other languages see them.

use std::{collections::BTreeSet, fs, path::Path};

use apache_avro::types::Value as Avro;
use kalends_tests::{
    Installation, Record, config,
    kafka::{Broker, Message},
    python::Python,
    tree::files_under,
};
use serde_json::{Map, Value, json};

const LIBRARIES: [&str; 2] = ["fastavro", "avro"];

/// Every topic that there is.
const TOPICS: [&str; 10] = [
    "rokt.calendar.subscribe",
    "rokt.calendar.unsubscribe",
    "rokt.calendar.subscription-details-updated",
    "rokt.calendar.subscription-event-added",
    "rokt.calendar.subscription-event-updated",
    "rokt.calendar.subscription-event-removed",
    "rokt.calendar.subscription-event-deleted",
    "rokt.calendar.test",
    "rokt.calendar.unknown",
    "rokt.calendar.dead-letter",
];

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

/// A daemon's folder after it took every body and delivered it to these sinks.
fn filled(configuration: &str, sinks: &[&str]) -> Installation {
    // Every body counts, however often its event's id was there before.
    let installation = Installation::new(&format!("{configuration}deduplicate: {{ window: 0s }}\n")).unwrap();
    let daemon = installation.start().unwrap();
    for body in &bodies() {
        assert_eq!(daemon.post(body).unwrap().status, 200);
    }
    daemon.wait_until_delivered(sinks).unwrap();
    daemon.terminate().unwrap();
    installation
}

/// What the files hold, as the Rust library reads it; all topics are among them.
fn ours(installation: &Installation) -> Vec<Value> {
    let records = installation.records().unwrap();
    let topics: BTreeSet<&str> = records.iter().map(|record| record.topic.as_str()).collect();
    assert_eq!(topics, TOPICS.into());
    let fields = |record: &Record| -> Value {
        record.fields.iter().map(|(name, value)| (name.clone(), plain(value))).collect::<Map<_, _>>().into()
    };
    let ours = in_order(records.iter().map(fields).collect());
    assert_eq!(ours.len(), bodies().len());
    ours
}

fn alike(library: &str, theirs: Vec<Value>, ours: &[Value]) {
    let theirs = in_order(theirs);
    assert_eq!(theirs.len(), ours.len(), "{library}");
    for (theirs, ours) in theirs.iter().zip(ours) {
        assert_eq!(theirs, ours, "{library}");
    }
}

fn files_alike(configuration: &str) {
    let Some(python) = Python::with_avro().unwrap() else { return };
    let installation = filled(configuration, &["files"]);
    let ours = ours(&installation);
    let files = files_under(&installation.path("events")).unwrap();
    let files: Vec<_> =
        files.into_iter().filter(|file| file.extension().is_some_and(|ending| ending == "avro")).collect();
    for library in LIBRARIES {
        alike(library, python.records(library, &files).unwrap(), &ours);
    }
}

#[test]
fn fastavro_and_avro_for_python_read_the_same_values() {
    files_alike(&config::files());
}

#[test]
fn fastavro_and_avro_for_python_read_the_same_microseconds() {
    files_alike(&format!("{}timestamps: micros\n", config::files()));
}

#[test]
fn fastavro_and_avro_for_python_read_the_same_values_from_kafka() {
    let Some(python) = Python::with_avro().unwrap() else { return };
    let Some(broker) = Broker::start("readers").unwrap() else { return };
    let installation = filled(&config::files_and_kafka(broker.bootstrap()), &["files", "kafka"]);
    let schema = |message: &Message| -> Value {
        let name = message.header("ce_type").unwrap().strip_prefix("rokt.calendar.").unwrap();
        let shown = installation.run(["schemas", "show", name]).unwrap();
        serde_json::from_slice(&shown.stdout).unwrap()
    };
    let messages = TOPICS.iter().flat_map(|topic| broker.committed(topic).unwrap());
    let messages: Vec<_> = messages.map(|message| (schema(&message), message.value)).collect();
    for library in LIBRARIES {
        alike(library, python.messages(library, &messages).unwrap(), &ours(&installation));
    }
}
