//! The configuration of each client.

use rdkafka::{ClientConfig, config::RDKafkaLogLevel};

use crate::{Delivery, Settings};

/// Kilobytes of records that may wait to be sent.
const ROOM: u64 = 32 * 1024;

/// Largest message in bytes that is sent unless `message.max.bytes` says otherwise: more than a topic takes by default, for a topic's
/// limit is on what is compressed, which is known only there.
const MAX_MESSAGE_BYTES: u64 = 2 << 20;

/// Records that one request to a broker may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Batching {
    /// As many as fit.
    Normal,
    /// One, so that a refusal blames the right record.
    Singly,
}

/// Configuration of the producer with this transactional id.
pub(crate) fn producer(settings: &Settings, transactional_id: &str, batching: Batching) -> ClientConfig {
    let timeout = settings.transaction_timeout.as_millis().to_string();
    let mut config = ClientConfig::new();
    config.set("statistics.interval.ms", "5000");
    // Cheap, known to every consumer, and it saves more work on the way to the broker than it makes.
    config.set("compression.type", "lz4");
    config.set("message.max.bytes", MAX_MESSAGE_BYTES.to_string());
    // What waits to be sent takes memory; a few requests' worth keep every broker busy.
    config.set("queue.buffering.max.messages", "10000").set("queue.buffering.max.kbytes", room(settings));
    add_common(&mut config, settings);
    config
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("partitioner", "murmur2_random")
        // A topic that is gone is for an operator to know, not for the broker to make again with its defaults.
        .set("allow.auto.create.topics", "false")
        .set("message.timeout.ms", &timeout)
        // When nothing is in flight any more and no failure was reported, everything has arrived.
        .set("delivery.report.only.error", "true");
    if settings.delivery == Delivery::ExactlyOnce {
        config.set("transactional.id", transactional_id).set("transaction.timeout.ms", &timeout);
    }
    if batching == Batching::Singly {
        config.set("batch.num.messages", "1");
    }
    config
}

/// Kilobytes that may wait to be sent: never less than one record can have.
fn room(settings: &Settings) -> String {
    ROOM.max(max_message_bytes(settings).div_ceil(1024)).to_string()
}

/// The largest message in bytes that is sent, before it is compressed.
pub(crate) fn max_message_bytes(settings: &Settings) -> u64 {
    let set = settings.properties.get("message.max.bytes");
    set.and_then(|bytes| bytes.parse().ok()).unwrap_or(MAX_MESSAGE_BYTES)
}

/// Returns whether the producer sends records as they are.
pub(crate) fn is_uncompressed(settings: &Settings) -> bool {
    let names = ["compression.type", "compression.codec"];
    names.iter().any(|name| settings.properties.get(*name).is_some_and(|codec| codec == "none"))
}

/// Records that a consumer sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Isolation {
    /// Only those of committed transactions; the topic ends for it where the oldest open transaction begins.
    Committed,
    /// All of them.
    Uncommitted,
}

/// Configuration of a consumer that never joins its group nor commits to it; without one it can't be told what to read.
pub(crate) fn consumer(settings: &Settings, isolation: Isolation) -> ClientConfig {
    let level = match isolation {
        Isolation::Committed => "read_committed",
        Isolation::Uncommitted => "read_uncommitted",
    };
    let mut config = ClientConfig::new();
    config.set("fetch.wait.max.ms", "10");
    add_common(&mut config, settings);
    config
        .set("group.id", format!("{}{}", settings.transactional_id_prefix, settings.name))
        .set("isolation.level", level)
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("enable.partition.eof", "true")
        .set("auto.offset.reset", "earliest");
    config
}

/// Configuration of the producer that sends what no topic takes.
pub(crate) fn probe(settings: &Settings) -> ClientConfig {
    let timeout = settings.request_timeout.as_millis().to_string();
    let mut config = ClientConfig::new();
    add_common(&mut config, settings);
    config
        .set("acks", "all")
        .set("compression.type", "none")
        .set("allow.auto.create.topics", "false")
        .set("linger.ms", "0")
        .set("message.max.bytes", "1000000000")
        .set("queue.buffering.max.kbytes", "1048576")
        .set("message.timeout.ms", timeout);
    config
}

/// Configuration of the client that creates topics.
pub(crate) fn admin(settings: &Settings) -> ClientConfig {
    let mut config = ClientConfig::new();
    add_common(&mut config, settings);
    config
}

fn add_common(config: &mut ClientConfig, settings: &Settings) {
    for (property, value) in &settings.properties {
        config.set(property, value);
    }
    // That a connection was closed is told on this level, and by nothing else; the daemon's log chooses again.
    if !matches!(config.log_level, RDKafkaLogLevel::Debug) {
        config.set_log_level(RDKafkaLogLevel::Info);
    }
    config.set("bootstrap.servers", &settings.brokers).set("client.id", &settings.client_id);
}
