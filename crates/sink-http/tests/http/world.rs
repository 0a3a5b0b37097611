//! A sink with files of its own, and events for it.

use std::{
    path::PathBuf,
    sync::{Arc, LazyLock},
};

use kalends_normalise::{DeadLetterRow, Meta, Normaliser, Outcome, Plan, TimeUnit};
use kalends_sink::{
    Checkpoint, Context, Failure, JournalId, Record, Schema, SharedMetrics, Sink, SinkDefinition, Stream,
};
use kalends_sink_http::{Http, HttpSettings};
use kalends_value::{Content, Entry, Node, Number, Origin};
use prometheus::Registry;
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) use kalends_test_util::failures::{held, retried};

use crate::{events::Event, fake::Fake};

pub(crate) const JOURNAL: JournalId = JournalId::new([7; 16]);

/// A key that signs, as receivers have it.
pub(crate) const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

pub(crate) static PLAN: LazyLock<Arc<Plan>> =
    LazyLock::new(|| Arc::new(Plan::builtin(TimeUnit::Millis).unwrap()));

/// The streams of every type.
pub(crate) fn streams() -> Vec<Stream> {
    let stream = |record: &kalends_normalise::RecordType| Stream {
        topic: record.name.as_str().into(),
        schema: Arc::new(Schema {
            name: record.name.clone(),
            full_name: record.full_name.clone(),
            json: record.schema_json.clone(),
            fingerprint: record.fingerprint,
        }),
    };
    PLAN.records().iter().map(stream).collect()
}

/// A record with what it borrows.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    stream: usize,
    key: String,
    datum: Vec<u8>,
    pub(crate) position: u64,
    received_at: i64,
    is_dead_letter: bool,
    pub(crate) is_forgotten: bool,
}

impl Made {
    pub(crate) fn new(event: &Event, position: u64) -> Self {
        let id = JOURNAL.to_string();
        let meta =
            Meta { endpoint: "main", received_at: event.received_at, journal_id: &id, shard: 0, position };
        match Normaliser::new(Arc::clone(&PLAN)).normalise(&event.body, &meta) {
            Outcome::Event(found) => Self {
                stream: found.record,
                key: found.key().to_owned(),
                datum: found.datum().to_vec(),
                position,
                received_at: event.received_at,
                is_dead_letter: false,
                is_forgotten: false,
            },
            Outcome::DeadLetter(_) => Self::letter(event, position),
        }
    }

    /// The dead letter of an event that was refused.
    pub(crate) fn letter(event: &Event, position: u64) -> Self {
        let id = JOURNAL.to_string();
        let row = DeadLetterRow {
            meta: Meta {
                endpoint: "main",
                received_at: event.received_at,
                journal_id: &id,
                shard: 0,
                position,
            },
            reason: "rejected-by-sink",
            message: "no",
            body_bytes: u64::try_from(event.body.len()).unwrap(),
            body: Some(&event.body),
            event_id: None,
            event_type: None,
        };
        let mut datum = Vec::new();
        PLAN.encode_dead_letter(&row, &mut datum);
        Self {
            stream: PLAN.dead_letter(),
            key: position.to_string(),
            datum,
            position,
            received_at: event.received_at,
            is_dead_letter: true,
            is_forgotten: false,
        }
    }

    pub(crate) fn into_datum(self) -> Vec<u8> {
        self.datum
    }

    pub(crate) fn record(&self) -> Record<'_> {
        Record {
            stream: self.stream,
            key: &self.key,
            datum: &self.datum,
            journal: JOURNAL,
            position: self.position,
            shard: 0,
            received_at: self.received_at,
            endpoint: "main",
            event_id: None,
            traceparent: None,
            tracestate: None,
            dead_letter: self.is_dead_letter.then_some(("rejected-by-sink", "no")),
            is_forgotten: self.is_forgotten,
        }
    }
}

/// Events as records, from a position on.
pub(crate) fn made(events: &[Event], first: u64) -> Vec<Made> {
    events.iter().zip(first..).map(|(event, position)| Made::new(event, position)).collect()
}

/// A checkpoint of the tests' journal.
pub(crate) fn at(position: u64) -> Checkpoint {
    Checkpoint { journal: JOURNAL, shard: 0, position, chain: position.wrapping_mul(0x9e37_79b9_7f4a_7c15) }
}

/// The files of a sink, and its settings.
pub(crate) struct World {
    folder: TempDir,
    pub(crate) settings: Value,
    pub(crate) registry: Registry,
    metrics: SharedMetrics,
}

impl World {
    /// A sink that delivers to `fake`, with these keys beside or instead of the usual ones.
    pub(crate) fn new(preset: &str, fake: &Fake, keys: &Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("token"), KEY).unwrap();
        let mut settings = json!({
            "preset": preset,
            "url": fake.url(),
            "token": { "file": folder.path().join("token") },
            "timeout": "2s",
        });
        for (key, value) in keys.as_object().unwrap() {
            settings[key] = value.clone();
        }
        let registry = Registry::new();
        let metrics = SharedMetrics::new(registry.clone());
        Self { folder, settings, registry, metrics }
    }

    pub(crate) fn notes(&self) -> PathBuf {
        self.folder.path().join("sinks")
    }

    /// A sink as a new process would make it, not connected yet.
    pub(crate) fn sink(&self) -> Box<dyn Sink> {
        self.sink_for(None)
    }

    pub(crate) fn sink_for(&self, replay: Option<&str>) -> Box<dyn Sink> {
        let notes = self.notes();
        let context =
            Context { replay, notes: Some(&notes), max_body: 1 << 20, ..Context::new("crm", &self.metrics) };
        Http::build(&settings(&self.settings), &context).unwrap()
    }

    /// A sink that is connected.
    pub(crate) fn connected(&self) -> Box<dyn Sink> {
        let mut sink = self.sink();
        sink.connect(JOURNAL, &streams()).unwrap();
        sink
    }

    /// Lines of what may stand twice: the position of each.
    pub(crate) fn doubts(&self) -> Vec<u64> {
        let text = std::fs::read_to_string(self.notes().join("crm.doubts")).unwrap_or_default();
        let position =
            |line: &str| serde_json::from_str::<Value>(line).unwrap()["position"].as_u64().unwrap();
        text.lines().map(position).collect()
    }

    /// A counter's value, by its name and the values of its labels beside the sink's name.
    pub(crate) fn count(&self, name: &str, labels: &[&str]) -> f64 {
        let families = self.registry.gather();
        let family = families.iter().find(|family| family.name() == name);
        let metrics = family.into_iter().flat_map(prometheus::proto::MetricFamily::get_metric);
        let has = |metric: &&prometheus::proto::Metric| {
            labels.iter().all(|label| metric.get_label().iter().any(|pair| pair.value() == *label))
        };
        metrics.filter(has).map(|metric| metric.get_counter().get_value()).sum()
    }
}

/// Settings as the configuration's file would give them, with their secrets.
pub(crate) fn settings(json: &Value) -> HttpSettings {
    let (settings, misfits) = kalends_value::read::<HttpSettings>(node(json));
    assert!(misfits.is_empty(), "{misfits:?}");
    let mut settings = settings.unwrap();
    for (_, secret) in Http::secrets(&mut settings) {
        secret.resolve(&|name| std::env::var(name).ok()).unwrap();
    }
    settings
}

/// JSON as a node of the configuration.
pub(crate) fn node(json: &Value) -> Node {
    let content = match json {
        Value::Null => Content::Null,
        Value::Bool(truth) => Content::Truth(*truth, truth.to_string()),
        Value::Number(number) => {
            Content::Number(Number::Unsigned(number.as_u64().unwrap()), number.to_string())
        }
        Value::String(text) => Content::Text(text.clone()),
        Value::Array(items) => Content::List(items.iter().map(node).collect()),
        Value::Object(entries) => Content::Map(
            entries
                .iter()
                .map(|(key, value)| Entry { key: key.clone(), origin: origin(), node: node(value) })
                .collect(),
        ),
    };
    Node { origin: origin(), content }
}

fn origin() -> Origin {
    Origin::File { line: 1, column: 1 }
}

/// What a test does with a sink.
pub(crate) trait Deliver {
    fn reconnect(&mut self) -> Result<Option<Checkpoint>, Failure>;
    /// Writes records and commits at the last one's position.
    fn deliver(&mut self, records: &[Made]) -> Result<(), Failure>;
}

impl Deliver for Box<dyn Sink> {
    fn reconnect(&mut self) -> Result<Option<Checkpoint>, Failure> {
        self.connect(JOURNAL, &streams())
    }

    fn deliver(&mut self, records: &[Made]) -> Result<(), Failure> {
        self.write(&records.iter().map(Made::record).collect::<Vec<_>>())?;
        self.commit(at(records.last().map_or(0, |record| record.position)))
    }
}

/// Delivers as delivery does: again from the checkpoint on, with dead letters for what is refused. Returns their positions.
pub(crate) fn deliver_all(sink: &mut Box<dyn Sink>, events: &[Event]) -> Vec<u64> {
    let mut letters = Vec::new();
    for _ in 0..200 {
        let from = sink.reconnect().unwrap().map_or(0, |checkpoint| checkpoint.position);
        let record = |(index, event): (usize, &Event)| {
            let position = u64::try_from(index).unwrap() + 1;
            let is_letter = letters.contains(&position);
            if is_letter { Made::letter(event, position) } else { Made::new(event, position) }
        };
        let records: Vec<Made> =
            events.iter().enumerate().map(record).filter(|made| made.position > from).collect();
        match sink.deliver(&records) {
            Ok(()) => return letters,
            Err(Failure::Data { position, .. }) => letters.push(position),
            Err(Failure::Retry { .. }) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    panic!("no end");
}
