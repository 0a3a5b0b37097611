use std::{
    thread,
    time::{Duration, Instant},
};

use kalends_tests::kafka::{Broker, Message};
use rdkafka::{
    ClientConfig,
    error::{KafkaError, RDKafkaErrorCode},
    message::{Header, OwnedHeaders},
    producer::{BaseRecord, DefaultProducerContext, Producer as _, ThreadedProducer},
};

/// Records of one transaction, as many as a lagging Kafka sink takes.
const TRANSACTION: u32 = 50_000;

const TOPIC: &str = "bare";
const PATIENCE: Duration = Duration::from_mins(1);
const NAP: Duration = Duration::from_millis(1);

/// What the Kafka sink sets.
const PROPERTIES: [(&str, &str); 11] = [
    ("compression.type", "lz4"),
    ("queue.buffering.max.messages", "10000"),
    ("queue.buffering.max.kbytes", "32768"),
    ("delivery.report.only.error", "true"),
    ("enable.idempotence", "true"),
    ("acks", "all"),
    ("partitioner", "murmur2_random"),
    ("message.timeout.ms", "60000"),
    ("transaction.timeout.ms", "60000"),
    ("transactional.id", "bare"),
    ("statistics.interval.ms", "5000"),
];

/// Creates the topic that they go to.
///
/// # Errors
/// The broker refuses.
pub(crate) fn prepare(broker: &Broker) -> anyhow::Result<()> {
    broker.create_topic(TOPIC, &[])
}

/// Produces `count` messages, these again and again, with nothing around it; how long that took.
///
/// # Errors
/// The broker refuses, or doesn't answer.
pub(crate) fn produce(broker: &Broker, messages: &[Message], count: u32) -> anyhow::Result<Duration> {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", broker.bootstrap());
    for (property, value) in PROPERTIES {
        config.set(property, value);
    }
    let producer: ThreadedProducer<DefaultProducerContext> = config.create()?;
    producer.init_transactions(PATIENCE)?;
    let began = Instant::now();
    let mut messages = messages.iter().cycle();
    let mut left = count;
    while left > 0 {
        let transaction = left.min(TRANSACTION);
        producer.begin_transaction()?;
        for message in messages.by_ref().take(usize::try_from(transaction)?) {
            send(&producer, message)?;
        }
        // The client's own flush waits in steps of 100 ms.
        while producer.in_flight_count() > 0 {
            thread::sleep(NAP);
        }
        producer.commit_transaction(PATIENCE)?;
        left -= transaction;
    }
    Ok(began.elapsed())
}

fn send(producer: &ThreadedProducer<DefaultProducerContext>, message: &Message) -> anyhow::Result<()> {
    let mut headers = OwnedHeaders::new_with_capacity(message.headers.len());
    for (key, value) in &message.headers {
        headers = headers.insert(Header { key, value: Some(value) });
    }
    let record = BaseRecord::to(TOPIC).key(&message.key).payload(&message.value);
    let mut record = record.timestamp(message.time).headers(headers);
    loop {
        match producer.send(record) {
            Ok(()) => return Ok(()),
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), returned)) => {
                thread::sleep(NAP);
                record = returned;
            }
            Err((error, _)) => return Err(error.into()),
        }
    }
}
