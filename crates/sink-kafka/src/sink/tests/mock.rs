//! Tests on librdkafka's own cluster double: the calls' order and how answers are classified.
//! It neither hides aborted records nor fences, so that no promise is proved here.

use std::{sync::Arc, time::Duration};

use kalends_sink::{Checkpoint, Failure, JournalId, Record, Schema, Sink as _, Stream};
use rdkafka::{
    mocking::MockCluster,
    producer::DefaultProducerContext,
    types::{RDKafkaApiKey, RDKafkaRespErr},
};

use crate::{KafkaSink, Metrics, Settings};

const JOURNAL: JournalId = JournalId::new([5; 16]);
const CHECKPOINT: Checkpoint = Checkpoint { journal: JOURNAL, shard: 0, position: 1, chain: 99 };

struct Double {
    cluster: MockCluster<'static, DefaultProducerContext>,
    streams: Vec<Stream>,
}

impl Double {
    fn new() -> Self {
        let cluster = MockCluster::new(1).unwrap();
        for topic in ["kalends.checkpoints", "events"] {
            cluster.create_topic(topic, 1, 1).unwrap();
        }
        let schema = Schema {
            name: "Test".into(),
            full_name: "rokt.calendar.Test".into(),
            json: "\"string\"".into(),
            fingerprint: 1,
        };
        Self { cluster, streams: vec![Stream { topic: "events".into(), schema: Arc::new(schema) }] }
    }

    fn sink(&self) -> KafkaSink {
        let mut settings = Settings::new("kafka", self.cluster.bootstrap_servers());
        settings.request_timeout = Duration::from_secs(5);
        KafkaSink::new(settings, Metrics::default()).unwrap()
    }
}

fn record() -> Record<'static> {
    Record {
        stream: 0,
        key: "k",
        datum: b"datum",
        journal: JOURNAL,
        position: 1,
        shard: 0,
        received_at: 1,
        endpoint: "main",
        event_id: None,
        traceparent: None,
        tracestate: None,
        dead_letter: None,
        is_forgotten: false,
    }
}

#[test]
fn a_commit_is_found_by_the_next_connect() {
    let double = Double::new();
    let mut sink = double.sink();
    assert_eq!(sink.connect(JOURNAL, &double.streams).unwrap(), None);
    sink.write(&[record()]).unwrap();
    sink.commit(CHECKPOINT).unwrap();
    assert_eq!(sink.connect(JOURNAL, &double.streams).unwrap(), Some(CHECKPOINT));
}

#[test]
fn a_right_that_is_withdrawn_is_a_hold_that_names_the_topic() {
    let double = Double::new();
    let mut sink = double.sink();
    sink.connect(JOURNAL, &double.streams).unwrap();
    let denied = RDKafkaRespErr::RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
    double.cluster.request_errors(RDKafkaApiKey::Produce, &[denied; 3]);
    let written = sink.write(&[record()]).and_then(|()| sink.commit(CHECKPOINT));
    assert!(
        matches!(&written, Err(Failure::Hold { message }) if message.contains("events") || message.contains("kalends.checkpoints")),
        "{written:?}"
    );
}

#[test]
fn being_fenced_without_anybody_elses_claim_is_tried_again() {
    let double = Double::new();
    let mut sink = double.sink();
    sink.connect(JOURNAL, &double.streams).unwrap();
    sink.write(&[record()]).unwrap();
    let fenced = RDKafkaRespErr::RD_KAFKA_RESP_ERR_PRODUCER_FENCED;
    double.cluster.request_errors(RDKafkaApiKey::EndTxn, &[fenced]);
    let committed = sink.commit(CHECKPOINT);
    assert!(matches!(committed, Err(Failure::Retry { .. })), "{committed:?}");
    sink.connect(JOURNAL, &double.streams).unwrap();
}

#[test]
fn a_call_before_the_first_connect_is_a_failure() {
    let double = Double::new();
    let mut sink = double.sink();
    assert!(matches!(sink.write(&[record()]), Err(Failure::Retry { .. })));
    assert!(matches!(sink.commit(CHECKPOINT), Err(Failure::Retry { .. })));
}
