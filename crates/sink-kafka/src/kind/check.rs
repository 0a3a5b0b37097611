use std::time::Duration;

use kalends_sink::{Scope, TOPIC_RULE, is_topic};
use kalends_value::{Misfit, NEVER_PLAIN, Path, Text};

use super::{KafkaSettings, check_registry};
use crate::config::{self, SettingsError};

/// Properties that are secrets, by what their name contains.
const SECRET: &[&str] = &["password", "secret", "key.pem"];

/// Half of the time after which the cluster aborts a transaction.
const MAX_COMMIT_EVERY: Duration = Duration::from_secs(30);

/// Everything that is wrong with the settings, which are brought to their one spelling.
pub(super) fn check(kafka: &mut KafkaSettings, scope: &Scope<'_>) -> Vec<Misfit> {
    let below = |key: &str, misfits: Vec<Misfit>| {
        let at = Path::keys(&[key]);
        misfits.into_iter().map(|(path, message)| (at.join(&path), message)).collect::<Vec<_>>()
    };
    let mut misfits = below("topics", kafka.topics.check(scope));
    misfits.extend(own(kafka));
    if let Some(registry) = &kafka.schema_registry {
        misfits.extend(below("schema_registry", check_registry::check(registry)));
    }
    misfits.extend(properties(scope.sink, kafka));
    canonicalise(kafka);
    misfits
}

fn own(kafka: &KafkaSettings) -> Vec<Misfit> {
    let mut misfits = Vec::new();
    let mut wrong = |key: &str, message: String| misfits.push((Path::keys(&[key]), message));
    if kafka.brokers.contains('@') {
        wrong(
            "brokers",
            "credentials are never written in an address; leave them out, and set sasl.username and sasl.password under \
             properties"
                .into(),
        );
    } else if kafka.brokers.contains("://") {
        wrong(
            "brokers",
            "a broker's address has no scheme; write host:port, and set security.protocol under properties"
                .into(),
        );
    } else if !kafka.brokers.split(',').all(|broker| is_broker(broker.trim())) {
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
    if kafka.commit_every > MAX_COMMIT_EVERY {
        wrong(
            "commit_every",
            "the cluster would end such a transaction for its age; write at most 30s".into(),
        );
    }
    if kafka.partitions == Some(0) {
        wrong("partitions", "a topic has at least 1 partition".into());
    }
    if kafka.replication == Some(0) {
        wrong("replication", "a partition has at least 1 copy".into());
    }
    if kafka.retention.is_some_and(|retention| retention.is_zero()) {
        wrong("retention", "every record would be deleted at once; write at least 1h".into());
    }
    misfits
}

fn properties(sink: &str, kafka: &KafkaSettings) -> Vec<Misfit> {
    let (at, mut misfits) = (Path::keys(&["properties"]), Vec::new());
    for (name, value) in &kafka.properties {
        let is_plain = matches!(value, Text::Plain(_));
        if is_plain && SECRET.iter().any(|part| dotted(name).contains(part)) {
            misfits.push((at.key(name), NEVER_PLAIN.into()));
        }
    }
    let mut known = kafka.clone();
    // A secret that could not be read was reported before.
    known.properties.retain(|_, value| matches!(value, Text::Plain(_)) || !value.expose().is_empty());
    let is_whole = known.properties.len() == kafka.properties.len();
    canonicalise(&mut known);
    let written =
        |dots: &str| kafka.properties.keys().find(|name| dotted(name) == dots).map(|name| at.key(name));
    for fault in config::check(&known.for_sink(sink)) {
        let (place, message) = match fault {
            SettingsError::Reserved { property, reason } => {
                (written(&property), format!("kalends sets this property itself ({reason}); leave it out"))
            }
            SettingsError::Property { property, message } => (written(&property), message),
            _ if !is_whole => continue,
            SettingsError::Together { property: Some(property), message } => (written(&property), message),
            other => (None, other.to_string()),
        };
        misfits.push((place.unwrap_or_else(|| at.clone()), message));
    }
    misfits
}

/// Gives every property its own spelling: a variable's name can't have the dots, and no property has a `_`.
fn canonicalise(kafka: &mut KafkaSettings) {
    let properties = std::mem::take(&mut kafka.properties);
    kafka.properties = properties.into_iter().map(|(name, value)| (dotted(&name), value)).collect();
}

fn dotted(name: &str) -> String {
    name.replace('_', ".")
}

fn is_broker(broker: &str) -> bool {
    let Some((host, port)) = broker.rsplit_once(':') else { return false };
    !host.is_empty() && !host.contains(char::is_whitespace) && port.parse::<u16>().is_ok_and(|port| port != 0)
}
