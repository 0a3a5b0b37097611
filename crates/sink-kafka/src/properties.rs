use rdkafka::{
    ClientConfig,
    error::KafkaError,
    producer::{BaseProducer, DefaultProducerContext},
};

use crate::{Delivery, Settings};

/// The settings can't be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A property that a promise rests on.
    #[error("property `{property}` can't be set: {reason}")]
    Reserved {
        /// The property's name.
        property: String,
        /// Why, and what to use instead.
        reason: &'static str,
    },
    /// A property that librdkafka doesn't know, or a value that it doesn't take.
    #[error("property `{property}`: {message}")]
    Property {
        /// The property's name.
        property: String,
        /// What librdkafka said.
        message: String,
    },
    /// Properties that don't go together, or a file that can't be read.
    #[error("librdkafka can't work with these properties: {0}")]
    Together(String),
    /// The operating system gives no random numbers.
    #[error("can't make an instance's identity: {0}")]
    Random(#[from] getrandom::Error),
}

const DELIVERY: &str = "`delivery: exactly-once` or `at-least-once` decides it";
const ORDER: &str = "order and completeness rest on it";
const TIMEOUT: &str = "a record must never expire while its transaction lives: leave it to kalends";
const MOCK: &str = "records would go to a cluster that is none, and be gone";
const OFFSETS: &str = "the checkpoint topic is read whole and without a consumer group";

/// Properties that promises rest on, and why each is refused.
const RESERVED: [(&str, &str); 29] = [
    ("bootstrap.servers", "set `brokers` instead"),
    ("metadata.broker.list", "set `brokers` instead"),
    ("client.id", "it names kalends in the broker's log and quotas"),
    (
        "transactional.id",
        "it is made of the journal's identity and the sink's name: set `transactional_id_prefix` instead",
    ),
    ("enable.idempotence", DELIVERY),
    ("acks", DELIVERY),
    ("request.required.acks", DELIVERY),
    ("enable.gapless.guarantee", ORDER),
    ("max.in.flight", ORDER),
    ("max.in.flight.requests.per.connection", ORDER),
    ("retries", ORDER),
    ("message.send.max.retries", ORDER),
    ("queuing.strategy", ORDER),
    ("message.timeout.ms", TIMEOUT),
    ("delivery.timeout.ms", TIMEOUT),
    ("transaction.timeout.ms", TIMEOUT),
    ("partitioner", "consumers rely on the Java client's partitioner, murmur2_random"),
    ("allow.auto.create.topics", "`create_topics` decides it"),
    ("test.mock.num.brokers", MOCK),
    ("test.mock.broker.rtt", MOCK),
    ("sticky.partitioning.linger.ms", "every record has a key"),
    ("delivery.report.only.error", "kalends wants to hear of failures, and of nothing else"),
    ("group.id", OFFSETS),
    ("group.instance.id", OFFSETS),
    ("isolation.level", OFFSETS),
    ("auto.offset.reset", OFFSETS),
    ("enable.auto.commit", OFFSETS),
    ("enable.auto.offset.store", OFFSETS),
    ("enable.partition.eof", OFFSETS),
];

/// Checks everything that can be checked without a network. Returns every property that can't be used; with none of them,
/// whether all go together.
#[must_use]
pub fn check(settings: &Settings) -> Vec<SettingsError> {
    let faults: Vec<_> =
        settings.properties.iter().filter_map(|(property, value)| fault(property, value)).collect();
    if !faults.is_empty() {
        return faults;
    }
    let mut config = producer(settings, "check", Batching::Normal);
    config.remove("bootstrap.servers");
    let made: Result<BaseProducer, _> = config.create_with_context(DefaultProducerContext);
    made.err().map(|error| SettingsError::Together(error.to_string())).into_iter().collect()
}

fn fault(property: &str, value: &str) -> Option<SettingsError> {
    if let Some((_, reason)) = RESERVED.iter().find(|(reserved, _)| *reserved == property) {
        return Some(SettingsError::Reserved { property: property.to_owned(), reason });
    }
    let native = ClientConfig::new().set(property, value).create_native_config();
    native.err().map(|error| refusal(property, error))
}

fn refusal(property: &str, error: KafkaError) -> SettingsError {
    // librdkafka's own words quote the value, which may be a secret.
    let message = match error {
        KafkaError::ClientConfig(_, said, ..) if said.starts_with("No such") => {
            "librdkafka has no such property".to_owned()
        }
        _ => "librdkafka doesn't take this value; its CONFIGURATION.md lists what it takes".to_owned(),
    };
    SettingsError::Property { property: property.to_owned(), message }
}

/// Kilobytes of records that may wait to be sent.
const ROOM: u64 = 32 * 1024;

/// Largest message in bytes that is sent unless `message.max.bytes` says otherwise: more than a topic takes by default, for a topic's
/// limit is on what is compressed, which is known only there.
const LARGEST_MESSAGE: u64 = 2 << 20;

/// How many records one request to a broker may hold.
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
    config.set("message.max.bytes", LARGEST_MESSAGE.to_string());
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
    ROOM.max(largest_message(settings).div_ceil(1024)).to_string()
}

/// The largest message in bytes that is sent, before it is compressed.
pub(crate) fn largest_message(settings: &Settings) -> u64 {
    let set = settings.properties.get("message.max.bytes");
    set.and_then(|bytes| bytes.parse().ok()).unwrap_or(LARGEST_MESSAGE)
}

/// Which records a consumer sees.
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
pub(crate) fn rehearsal(settings: &Settings) -> ClientConfig {
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
    config.set("bootstrap.servers", &settings.brokers).set("client.id", &settings.client_id);
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn with(property: &str, value: &str) -> Settings {
        let mut settings = Settings::new("kafka", "127.0.0.1:1");
        settings.properties.insert(property.into(), value.into());
        settings
    }

    fn first(settings: &Settings) -> String {
        check(settings).first().unwrap().to_string()
    }

    #[test]
    fn all_properties_that_can_not_be_used_are_told_at_once() {
        let mut settings = with("acks", "1");
        settings.properties.insert("linger.ms".into(), "soon".into());
        settings.properties.insert("compresion.type".into(), "zstd".into());
        assert_eq!(check(&settings).len(), 3);
    }

    #[test]
    fn every_property_that_a_promise_rests_on_is_refused_by_name() {
        for (property, reason) in RESERVED {
            let error = first(&with(property, "1"));
            assert!(error.contains(property) && error.contains(reason), "{error}");
        }
    }

    #[test]
    fn no_property_is_passed_over_in_silence() {
        let made = |settings: &Settings| {
            [
                producer(settings, "id", Batching::Normal),
                consumer(settings, Isolation::Committed),
                admin(settings),
            ]
        };
        let plain = Settings::new("kafka", "127.0.0.1:1");
        for (which, config) in made(&plain).iter().enumerate() {
            for property in config.config_map().keys() {
                let settings = with(property, "somebody's");
                let refused = RESERVED.iter().any(|(reserved, _)| reserved == property);
                let kept = made(&settings)[which].get(property) == Some("somebody's");
                assert!(refused || kept, "{property} is neither refused nor passed on");
            }
        }
    }

    #[test]
    fn other_properties_pass() {
        for (property, value) in
            [("compression.type", "zstd"), ("linger.ms", "2"), ("message.max.bytes", "2000000")]
        {
            assert!(check(&with(property, value)).is_empty(), "{property}");
        }
    }

    #[test]
    fn the_largest_record_finds_room_among_those_that_wait() {
        let room = |settings: &Settings| {
            let config = producer(settings, "id", Batching::Normal);
            config.get("queue.buffering.max.kbytes").unwrap().to_owned()
        };
        assert_eq!(room(&with("message.max.bytes", "2000000")), "32768");
        assert_eq!(room(&with("message.max.bytes", "100000001")), "97657");
        assert_eq!(room(&with("queue.buffering.max.kbytes", "1000")), "1000");
    }

    #[test]
    fn an_unknown_property_and_a_wrong_value_are_named_and_the_value_is_not() {
        let error = first(&with("compresion.type", "zstd"));
        assert!(error.contains("`compresion.type`") && error.contains("no such"), "{error}");
        let error = first(&with("linger.ms", "hunter2"));
        assert!(error.contains("`linger.ms`") && !error.contains("hunter2"), "{error}");
    }

    #[test]
    fn properties_that_do_not_go_together_are_found_before_anything_runs() {
        let error = first(&with("socket.timeout.ms", "120000"));
        assert!(error.contains("socket.timeout.ms"), "{error}");
        let mut settings = with("socket.timeout.ms", "120000");
        settings.transaction_timeout = Duration::from_mins(5);
        assert!(check(&settings).is_empty());
    }
}
