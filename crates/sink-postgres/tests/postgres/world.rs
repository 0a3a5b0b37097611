//! A schema of its own for a test, and a sink that delivers into it.

use std::{
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use kalends_normalise::{DeadLetterRow, Meta, Normaliser, Outcome, Plan, TimeUnit};
use kalends_sink::{Checkpoint, Failure, JournalId, Record, Schema, Sink, Stream};
use kalends_sink_postgres::{
    Behind, ConnectSettings, Metrics, Password, PostgresSink, Settings, Tls, Use, table_name,
};

pub(crate) use kalends_test_util::failures::{held, retried};

use crate::{events::Event, servers::Server};

pub(crate) const JOURNAL: JournalId = JournalId::new([7; 16]);

static PLAN: LazyLock<Arc<Plan>> = LazyLock::new(|| Arc::new(Plan::builtin(TimeUnit::Millis).unwrap()));
static NUMBER: AtomicU32 = AtomicU32::new(0);

/// The streams of every type.
pub(crate) fn streams() -> Vec<Stream> {
    let stream = |record: &kalends_normalise::RecordType| Stream {
        topic: table_name(&record.topic_suffix).into(),
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
pub(crate) struct Made {
    stream: usize,
    datum: Vec<u8>,
    position: u64,
    received_at: i64,
}

impl Made {
    /// The record of an event, or the dead letter that it becomes.
    pub(crate) fn new(event: &Event, position: u64) -> Self {
        let id = JOURNAL.to_string();
        let meta =
            Meta { endpoint: "main", received_at: event.received_at, journal_id: &id, shard: 0, position };
        let (stream, datum) = match Normaliser::new(Arc::clone(&PLAN)).normalise(&event.body, &meta) {
            Outcome::Event(found) => (found.record, found.datum().to_vec()),
            Outcome::DeadLetter(letter) => {
                let (kind, id) = (letter.event_type.as_deref(), letter.event_id.as_deref());
                Self::letter_of(event, &meta, letter.reason.as_str(), kind, id)
            }
        };
        Self { stream, datum, position, received_at: event.received_at }
    }

    /// The record's datum alone.
    pub(crate) fn into_datum(self) -> Vec<u8> {
        self.datum
    }

    /// The dead letter of an event that the database refused.
    pub(crate) fn condemned(event: &Event, position: u64, kind: &str) -> Self {
        let id = JOURNAL.to_string();
        let meta =
            Meta { endpoint: "main", received_at: event.received_at, journal_id: &id, shard: 0, position };
        let (stream, datum) = Self::letter_of(event, &meta, "rejected-by-sink", Some(kind), None);
        Self { stream, datum, position, received_at: event.received_at }
    }

    fn letter_of(
        event: &Event,
        meta: &Meta<'_>,
        reason: &'static str,
        event_type: Option<&str>,
        event_id: Option<&str>,
    ) -> (usize, Vec<u8>) {
        let row = DeadLetterRow {
            meta: *meta,
            reason,
            message: "no",
            body_bytes: u64::try_from(event.body.len()).unwrap(),
            body: Some(&event.body),
            event_id,
            event_type,
        };
        let mut datum = Vec::new();
        PLAN.encode_dead_letter(&row, &mut datum);
        (PLAN.dead_letter(), datum)
    }

    fn record(&self) -> Record<'_> {
        Record {
            stream: self.stream,
            key: "",
            datum: &self.datum,
            journal: JOURNAL,
            position: self.position,
            shard: 0,
            received_at: self.received_at,
            endpoint: "main",
            event_id: None,
            traceparent: None,
            tracestate: None,
            dead_letter: None,
            is_forgotten: false,
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

/// A schema of its own on a server.
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) schema: String,
}

impl World {
    pub(crate) fn new(server: Server) -> Self {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Self { server, schema: format!("t{}_{number}", std::process::id()) }
    }

    pub(crate) fn settings(&self) -> Settings {
        self.settings_through(self.server.port)
    }

    pub(crate) fn settings_through(&self, port: u16) -> Settings {
        let url = format!("postgres://kalends@127.0.0.1:{port}/kalends");
        Settings {
            sink: "database".into(),
            shard: 0,
            connect: ConnectSettings::new(&url, Password::None, Tls::Off).unwrap(),
            schema: self.schema.clone(),
            subscriptions: true,
            marketing: true,
            migrate: true,
            commit_every: Duration::from_secs(1),
            statement_timeout: Duration::from_secs(30),
            lock_timeout: Duration::from_secs(1),
            behind: Behind::CatchUp,
            purpose: Use::Delivery,
        }
    }

    /// A sink that is not connected yet.
    pub(crate) fn sink(&self) -> PostgresSink {
        sink(self.settings())
    }

    /// A sink that is connected.
    pub(crate) fn connected(&self) -> PostgresSink {
        let mut sink = self.sink();
        sink.connect(JOURNAL, &streams()).unwrap();
        sink
    }

    /// SQL with `rokt.` for the schema of the test.
    pub(crate) fn sql(&self, statement: &str) -> String {
        self.server.sql(&statement.replace("rokt.", &format!("{}.", self.schema)))
    }

    /// Positions in a table, in order.
    pub(crate) fn positions(&self, table: &str) -> Vec<u64> {
        let query = format!("SELECT journal_position FROM rokt.{table} ORDER BY 1");
        self.sql(&query).lines().map(|line| line.parse().unwrap()).collect()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        drop(self.server.try_sql(&format!("DROP SCHEMA IF EXISTS {} CASCADE", self.schema)));
    }
}

pub(crate) fn sink(settings: Settings) -> PostgresSink {
    PostgresSink::new(settings, &Metrics::default()).unwrap()
}

/// What a test does with a sink.
pub(crate) trait Deliver {
    fn reconnect(&mut self) -> Result<Option<Checkpoint>, Failure>;
    fn put(&mut self, records: &[Made]) -> Result<(), Failure>;
    /// Writes records and commits at the last one's position.
    fn deliver(&mut self, records: &[Made]) -> Result<(), Failure>;
}

impl Deliver for PostgresSink {
    fn reconnect(&mut self) -> Result<Option<Checkpoint>, Failure> {
        self.connect(JOURNAL, &streams())
    }

    fn put(&mut self, records: &[Made]) -> Result<(), Failure> {
        self.write(&records.iter().map(Made::record).collect::<Vec<_>>())
    }

    fn deliver(&mut self, records: &[Made]) -> Result<(), Failure> {
        self.put(records)?;
        self.commit(at(records.last().map_or(0, |record| record.position)))
    }
}
