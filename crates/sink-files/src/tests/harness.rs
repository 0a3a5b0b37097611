use std::{fs, path::Path, sync::Arc, time::Duration};

use apache_avro::{Reader, types::Value};
use kalends_sink::{Checkpoint, Failure, JournalId, Record, Schema, Sink, Stream};

use crate::{Codec, FileSink, Settings};

pub(super) const DAY: i64 = 86_400_000_000;
const SCHEMA: &str = r#"{"type":"record","name":"R","namespace":"test","fields":[
    {"name":"position","type":"long"},{"name":"filler","type":"bytes"}]}"#;

pub(super) const ALICE: JournalId = JournalId::new([0xa1; 16]);
pub(super) const BOB: JournalId = JournalId::new([0xb0; 16]);

pub(super) fn settings(directory: &Path) -> Settings {
    let directory = directory.to_owned();
    Settings { directory, roll_every: Duration::from_mins(1), roll_bytes: 1 << 20, codec: Codec::Null }
}

pub(super) fn sink(directory: &Path) -> FileSink {
    FileSink::new(settings(directory))
}

/// Topics `even` and `odd`.
pub(super) fn streams() -> Vec<Stream> {
    let schema = Schema { name: "R".into(), full_name: "test.R".into(), json: SCHEMA.into(), fingerprint: 1 };
    let schema = Arc::new(schema);
    ["even", "odd"].map(|topic| Stream { topic: topic.into(), schema: schema.clone() }).into()
}

pub(super) fn checkpoint(journal: JournalId, position: u64) -> Checkpoint {
    Checkpoint { journal, shard: 0, position, chain: u64::MAX - position }
}

/// Writes one record: the stream is the position's parity.
pub(super) fn write(
    sink: &mut FileSink,
    position: u64,
    received_at: i64,
    filler: usize,
) -> Result<(), Failure> {
    let datum = datum(position, filler);
    sink.write(&[Record {
        stream: usize::from(position % 2 == 1),
        key: "key",
        datum: &datum,
        journal: JournalId::new([0; 16]),
        position,
        shard: 0,
        received_at,
        endpoint: "main",
        event_id: None,
        traceparent: None,
        tracestate: None,
        dead_letter: None,
        is_forgotten: false,
    }])
}

pub(super) fn datum(position: u64, filler: usize) -> Vec<u8> {
    let mut datum = Vec::new();
    long(&mut datum, position);
    long(&mut datum, u64::try_from(filler).unwrap());
    datum.resize(datum.len() + filler, 7);
    datum
}

fn long(out: &mut Vec<u8>, number: u64) {
    let mut rest = number << 1;
    while rest >= 0x80 {
        out.push(u8::try_from(rest & 0x7f).unwrap() | 0x80);
        rest >>= 7;
    }
    out.push(u8::try_from(rest).unwrap());
}

/// The view of a loader: the path of each `.avro` file below the directory, hidden folders left out, and its positions.
pub(super) fn visible(directory: &Path) -> Vec<(String, Vec<u64>)> {
    let mut files = Vec::new();
    walk(directory, "", &mut files);
    files.sort();
    files
}

fn walk(folder: &Path, below: &str, files: &mut Vec<(String, Vec<u64>)>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if name.starts_with('.') {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            walk(&entry.path(), &format!("{below}{name}/"), files);
        } else if entry.path().extension().is_some_and(|ending| ending == "avro") {
            files.push((format!("{below}{name}"), positions(&entry.path())));
        }
    }
}

fn positions(file: &Path) -> Vec<u64> {
    let reader = Reader::new(fs::File::open(file).unwrap()).unwrap();
    let position = |value: Value| match value {
        Value::Record(fields) => match &fields[0].1 {
            Value::Long(position) => u64::try_from(*position).unwrap(),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    reader.map(|value| position(value.unwrap())).collect()
}
