//! A sink of its own topics and journal for each test, on one broker for all that don't kill it.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use jiff::Timestamp;
use kalends_sink::{Checkpoint, Failure, JournalId, Record, Schema, Sink as _, Stream};
use kalends_sink_kafka::{Context, KafkaSink, Metrics, Settings};
use kalends_tests::{
    kafka::{Broker, Message},
    wait::{PATIENCE, wait_until},
};

pub(crate) const CHECKPOINTS: &str = "kalends.checkpoints";
pub(crate) const RECEIVED_AT: i64 = 1_700_000_000_123_456;

/// The broker that tests share which leave it alone; `None` where there is no Kafka.
pub(crate) fn shared_broker() -> Option<&'static Broker> {
    static BROKER: OnceLock<Option<Broker>> = OnceLock::new();
    BROKER.get_or_init(|| Broker::start("kafka-tests").unwrap()).as_ref()
}

/// One journal, and the topics that its sink delivers to.
pub(crate) struct Fixture<'b> {
    pub(crate) broker: &'b Broker,
    pub(crate) journal: JournalId,
    pub(crate) streams: Vec<Stream>,
}

impl<'b> Fixture<'b> {
    /// Topics `<name>.0` and `<name>.1`; the name must be the test's alone.
    pub(crate) fn new(broker: &'b Broker, name: &str) -> Self {
        let mut identity = [0; 16];
        identity.iter_mut().zip(name.bytes()).for_each(|(to, from)| *to = from);
        let streams = (0..2_u64).map(|n| Stream {
            topic: format!("{name}.{n}").into(),
            schema: Arc::new(Schema {
                name: format!("Type{n}"),
                full_name: format!("rokt.calendar.Type{n}"),
                json: "\"string\"".into(),
                fingerprint: n,
            }),
        });
        Self { broker, journal: JournalId::new(identity), streams: streams.collect() }
    }

    pub(crate) fn settings(&self) -> Settings {
        let mut settings = Settings::new("kafka", self.broker.bootstrap());
        settings.request_timeout = Duration::from_secs(5);
        settings
    }

    /// As a new process would make it.
    pub(crate) fn sink(&self) -> KafkaSink {
        sink(self.settings())
    }

    pub(crate) fn checkpoint(&self, position: u64) -> Checkpoint {
        Checkpoint { journal: self.journal, shard: 0, position, chain: position.wrapping_mul(u64::MAX / 7) }
    }

    pub(crate) fn topic(&self, stream: usize) -> &str {
        &self.streams[stream].topic
    }

    /// Connects as delivery does: again and again while the failure may pass by itself.
    pub(crate) fn connect(&self, sink: &mut KafkaSink) -> Option<Checkpoint> {
        wait_until("a connection", PATIENCE * 2, || match sink.connect(self.journal, &self.streams) {
            Ok(checkpoint) => Ok(Some(checkpoint)),
            Err(Failure::Retry { message }) => anyhow::bail!(message),
            Err(other) => panic!("{other:?}"),
        })
        .unwrap()
    }

    /// The datums on a topic once no transaction on it is open, in the order of partitions and offsets.
    pub(crate) fn datums(&self, stream: usize) -> Vec<String> {
        self.broker.committed(self.topic(stream)).unwrap().iter().map(datum).collect()
    }
}

/// What a preflight is told beside the settings: the clock is right.
pub(crate) fn context(max_body: u64) -> Context {
    Context { max_body, now: Timestamp::now().as_microsecond(), journal: None }
}

pub(crate) fn sink(settings: Settings) -> KafkaSink {
    KafkaSink::new(settings, Metrics::default()).unwrap()
}

/// What stands behind the ten bytes of the single-object encoding.
pub(crate) fn datum(message: &Message) -> String {
    String::from_utf8(message.value[10..].to_vec()).unwrap()
}

pub(crate) fn record<'a>(position: u64, stream: usize, key: &'a str, datum: &'a str) -> Record<'a> {
    Record {
        stream,
        key,
        datum: datum.as_bytes(),
        journal: JournalId::new([0; 16]),
        position,
        shard: 0,
        received_at: RECEIVED_AT,
        endpoint: "main",
        event_id: Some("e-1"),
        traceparent: None,
        tracestate: None,
        dead_letter: None,
        is_forgotten: false,
    }
}
