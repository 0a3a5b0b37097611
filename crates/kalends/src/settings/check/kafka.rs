use super::sinks::{TOPIC_RULE, is_topic};
use crate::settings::{Kafka, Text, path::Path, secret::NEVER_PLAIN, shape::Misfit};

/// Properties that kalends sets itself: its promises rest on them.
const OURS: &[(&str, &str)] = &[
    ("bootstrap.servers", "write `brokers`"),
    ("metadata.broker.list", "write `brokers`"),
    ("client.id", "it names kalends in the broker's log and quotas"),
    ("transactional.id", "write `transactional_id_prefix`"),
    ("enable.idempotence", "write `delivery`"),
    ("acks", "every replica in sync has to acknowledge"),
    ("request.required.acks", "every replica in sync has to acknowledge"),
    ("isolation.level", "positions are read committed"),
    ("message.timeout.ms", "a record must not expire while its transaction lives"),
    ("delivery.timeout.ms", "a record must not expire while its transaction lives"),
    ("transaction.timeout.ms", "a record must not expire while its transaction lives"),
    ("sticky.partitioning.linger.ms", "every record has a key"),
    ("group.instance.id", "positions are kept in `checkpoint_topic`"),
    ("group.id", "positions are kept in `checkpoint_topic`"),
    ("enable.auto.commit", "positions are kept in `checkpoint_topic`"),
    ("enable.auto.offset.store", "positions are kept in `checkpoint_topic`"),
    ("auto.offset.reset", "positions are kept in `checkpoint_topic`"),
    ("enable.partition.eof", "the end of `checkpoint_topic` is told by it"),
    ("partitioner", "a key stays on its partition, as with the Java client"),
    ("enable.gapless.guarantee", "events of one key stay in order"),
    ("max.in.flight", "events of one key stay in order"),
    ("max.in.flight.requests.per.connection", "events of one key stay in order"),
    ("retries", "a message is tried until its transaction ends"),
    ("message.send.max.retries", "a message is tried until its transaction ends"),
    ("delivery.report.only.error", "every delivery is counted"),
    ("queuing.strategy", "events of one key stay in order"),
];

/// Properties that are secrets, by what their name contains.
const SECRET: &[&str] = &["password", "secret", "key.pem"];

pub(super) fn check(kafka: &Kafka, at: &Path, misfits: &mut Vec<Misfit>) {
    let mut wrong = |key: &str, message: String| misfits.push((at.key(key), message));
    if !kafka.brokers.split(',').all(|broker| is_broker(broker.trim())) {
        wrong(
            "brokers",
            "write host:port, with commas between several, such as kafka-1:9092,kafka-2:9092".into(),
        );
    }
    let topic = kafka.checkpoint_topic.as_str();
    if !is_topic(topic) {
        wrong("checkpoint_topic", TOPIC_RULE.into());
    } else if !kafka.topics.prefix.is_empty() && topic.starts_with(&kafka.topics.prefix) {
        let prefix = &kafka.topics.prefix;
        wrong(
            "checkpoint_topic",
            format!("this is under topics.prefix (`{prefix}`), where consumers expect records only"),
        );
    } else if kafka.topics.names.values().any(|name| name == topic) {
        wrong("checkpoint_topic", "this is a topic of records, by topics.names; it needs its own".into());
    }
    if kafka.partitions == Some(0) {
        wrong("partitions", "a topic has at least 1 partition".into());
    }
    if kafka.replication == Some(0) {
        wrong("replication", "a partition has at least 1 copy".into());
    }
    let properties = at.key("properties");
    for (name, value) in &kafka.properties {
        if let Some(message) = property(name, value) {
            misfits.push((properties.key(name), message));
        }
    }
}

/// Gives every property its own spelling: a variable's name can't have the dots, and no property has a `_`.
pub(super) fn canonicalise(kafka: &mut Kafka) {
    let properties = std::mem::take(&mut kafka.properties);
    kafka.properties = properties.into_iter().map(|(name, value)| (dotted(&name), value)).collect();
}

fn dotted(name: &str) -> String {
    name.replace('_', ".")
}

fn property(name: &str, value: &Text) -> Option<String> {
    let name = dotted(name);
    if let Some((_, why)) = OURS.iter().find(|(ours, _)| *ours == name) {
        return Some(format!("kalends sets this property itself ({why}); leave it out"));
    }
    let is_plain = matches!(value, Text::Plain(_));
    (is_plain && SECRET.iter().any(|part| name.contains(part))).then(|| NEVER_PLAIN.into())
}

fn is_broker(broker: &str) -> bool {
    let Some((host, port)) = broker.rsplit_once(':') else { return false };
    !host.is_empty() && !host.contains(char::is_whitespace) && port.parse::<u16>().is_ok_and(|port| port != 0)
}
