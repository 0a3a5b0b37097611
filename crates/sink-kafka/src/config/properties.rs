use rdkafka::{
    ClientConfig,
    config::{FromClientConfig, RDKafkaLogLevel},
    consumer::BaseConsumer,
    error::{KafkaError, KafkaResult},
    producer::BaseProducer,
};

use super::property_errors;
use crate::{Delivery, Settings, errors::creation};

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
        /// What is wrong, and what it takes.
        message: String,
    },
    /// Properties that don't go together, or a file that can't be used.
    #[error("librdkafka can't work with these properties: {message}")]
    Together {
        /// The property at fault, where one can be named.
        property: Option<String>,
        /// What is wrong, and what to do.
        message: String,
    },
    /// The operating system gives no random numbers.
    #[error("can't make an instance's identity: {0}")]
    Random(#[from] getrandom::Error),
}

const DELIVERY: &str = "`delivery: exactly-once` or `at-least-once` decides it";
const ORDER: &str = "order and completeness rest on it";
const TIMEOUT: &str = "a record must never expire while its transaction lives: leave it to kalends";
const MOCK: &str = "records would go to a cluster that is none, and be gone";
const OFFSETS: &str = "the checkpoint topic is read whole and without a consumer group";

const NO_TOKEN: &str = "nobody would fetch a token: set sasl.oauthbearer.method to oidc, and sasl.oauthbearer.token.endpoint.url, \
                        sasl.oauthbearer.client.id and sasl.oauthbearer.client.secret";
const NO_KEY: &str = "a certificate without its key is of no use: set ssl.key.location as well";

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
    let made = try_out::<BaseProducer>(producer(settings, "check", Batching::Normal))
        .and_then(|()| try_out::<BaseConsumer>(consumer(settings, Isolation::Committed)));
    let found = match made {
        Ok(()) => nowhere(settings),
        Err(KafkaError::ClientCreation(said)) => Some(creation::explain(settings, &said)),
        Err(error) => Some((None, error.to_string())),
    };
    found.map(|(property, message)| SettingsError::Together { property, message }).into_iter().collect()
}

fn fault(property: &str, value: &str) -> Option<SettingsError> {
    if let Some((_, reason)) = RESERVED.iter().find(|(reserved, _)| *reserved == property) {
        return Some(SettingsError::Reserved { property: property.to_owned(), reason });
    }
    let error = ClientConfig::new().set(property, value).create_native_config().err()?;
    let message = property_errors::explain(property, &error);
    Some(SettingsError::Property { property: property.to_owned(), message })
}

/// What librdkafka makes a client of, and no broker would let in: the property, and what to do.
fn nowhere(settings: &Settings) -> Option<(Option<String>, String)> {
    let set = |name: &str| settings.properties.get(name).map(|value| value.to_ascii_lowercase());
    let protocol = set("security.protocol").unwrap_or_default();
    let is = |name: &str, value: &str| set(name).is_some_and(|set| set == value);
    let is_tokens = |name: &&str| protocol.starts_with("sasl") && is(name, "oauthbearer");
    let has_token =
        is("sasl.oauthbearer.method", "oidc") || set("enable.sasl.oauthbearer.unsecure.jwt").is_some();
    if let Some(mechanism) =
        ["sasl.mechanism", "sasl.mechanisms"].iter().find(|name| is_tokens(name) && !has_token)
    {
        return Some((Some((*mechanism).to_owned()), NO_TOKEN.to_owned()));
    }
    let certificate = "ssl.certificate.location";
    let has_key = set("ssl.key.location").or(set("ssl.key.pem")).is_some();
    (protocol.ends_with("ssl") && set(certificate).is_some() && !has_key)
        .then(|| (Some(certificate.to_owned()), NO_KEY.to_owned()))
}

/// Makes a client that knows no broker.
fn try_out<C: FromClientConfig>(mut config: ClientConfig) -> KafkaResult<()> {
    // One of a group would be waited for when it goes.
    config.remove("bootstrap.servers").remove("group.id");
    config.create::<C>().map(drop)
}

/// Kilobytes of records that may wait to be sent.
const ROOM: u64 = 32 * 1024;

/// Largest message in bytes that is sent unless `message.max.bytes` says otherwise: more than a topic takes by default, for a topic's
/// limit is on what is compressed, which is known only there.
const MAX_MESSAGE_BYTES: u64 = 2 << 20;

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

/// Whether the producer sends records as they are.
pub(crate) fn is_uncompressed(settings: &Settings) -> bool {
    let names = ["compression.type", "compression.codec"];
    names.iter().any(|name| settings.properties.get(*name).is_some_and(|codec| codec == "none"))
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
