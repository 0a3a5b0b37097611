use std::time::Duration;

use kalends_sink::Failure;
use rdkafka::{
    admin::{AdminClient, AdminOptions, ConfigResource, OwnedResourceSpecifier, ResourceSpecifier},
    config::FromClientConfigAndContext,
    consumer::Consumer,
};

use super::lookup::STEP;
use crate::{
    Settings,
    checkpoint::CheckpointTopic,
    client::{Client, block_on},
    config,
};

/// Settings of a topic, as far as we may know.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    pub(crate) name: String,
    /// Copies of each partition.
    copies: usize,
    pub(crate) max_message_bytes: Option<u64>,
    min_insync_replicas: Option<usize>,
    cleanup_policy: Option<String>,
    timestamp_type: Option<String>,
    timestamp_after_max_ms: Option<i64>,
    retention_ms: Option<i64>,
    compression_type: Option<String>,
}

impl Limits {
    /// Reason why nothing could be delivered to the topic, or nothing kept on it.
    pub(crate) fn fault(&self, settings: &Settings) -> Option<String> {
        let name = &self.name;
        if let Some(least) = self.min_insync_replicas.filter(|least| *least > self.copies) {
            return Some(format!(
                "topic {name:?} has {} copies of a partition and wants {least} in sync (min.insync.replicas): every record would \
                 be refused; add copies, or lower it",
                self.copies
            ));
        }
        let deletes =
            *name == settings.checkpoint_topic && self.cleanup_policy.is_some() && !self.is_compacted();
        deletes.then(|| {
            format!(
                "checkpoint topic {name:?} deletes what is old, and with it the position of a sink that was idle: \
                 kafka-configs.sh --bootstrap-server {} --alter --topic {name} --add-config cleanup.policy=compact",
                settings.brokers
            )
        })
    }

    /// Returns whether the topic is known to be compacted, and to delete nothing for its age.
    pub(crate) fn is_compacted(&self) -> bool {
        self.cleanup_policy.as_deref() == Some("compact")
    }

    /// By how many milliseconds a record's time may be ahead of the broker's clock; `None` when the topic does not look.
    pub(crate) fn max_ahead_ms(&self) -> Option<i64> {
        self.timestamp_after_max_ms.filter(|_| !self.overwrites_times())
    }

    /// Returns whether the topic stores records uncompressed, whatever the producer does.
    pub(crate) fn is_uncompressed(&self) -> bool {
        self.compression_type.as_deref() == Some("uncompressed")
    }

    /// Returns whether the topic overwrites the time that a record comes with.
    pub(crate) fn overwrites_times(&self) -> bool {
        self.timestamp_type.as_deref() == Some("LogAppendTime")
    }

    /// Returns whether records are kept for another time than this.
    pub(crate) fn has_other_retention(&self, wanted: Duration) -> bool {
        self.retention_ms.is_some_and(|millis| u128::try_from(millis) != Ok(wanted.as_millis()))
    }
}

/// Asks what these topics, which have so many copies of each partition, are set to.
pub(crate) fn limits(
    settings: &Settings,
    reader: &CheckpointTopic<'_>,
    topics: &[(&str, usize)],
) -> Result<Vec<Limits>, Failure> {
    if topics.is_empty() {
        return Ok(Vec::new());
    }
    let client = Client::clone(reader.all.context());
    let explain =
        |error: &_| reader.all.context().last_error().explain("asking what topics are set to", error);
    let admin = AdminClient::from_config_and_context(&config::admin(settings), client)
        .map_err(|error| explain(&error))?;
    let resources: Vec<_> = topics.iter().map(|(name, _)| ResourceSpecifier::Topic(name)).collect();
    let options = AdminOptions::new().request_timeout(Some(settings.request_timeout));
    let answer = block_on(admin.describe_configs(&resources, &options), settings.request_timeout + STEP)
        .ok_or_else(|| reader.all.context().last_error().no_answer("asking what topics are set to"))?
        .map_err(|error| explain(&error))?;
    let known: Vec<ConfigResource> = answer.into_iter().filter_map(Result::ok).collect();
    Ok(topics.iter().map(|(name, copies)| topic(name, *copies, &known)).collect())
}

/// Reason why the checkpoint topic can't keep checkpoints. Settings that the cluster does not show are taken for right.
///
/// # Errors
/// The cluster does not answer.
pub(crate) fn checkpoint_fault(
    settings: &Settings,
    reader: &CheckpointTopic<'_>,
) -> Result<Option<String>, Failure> {
    // Copies that are missing are for the broker to refuse, which may pass by itself.
    let limits = limits(settings, reader, &[(&settings.checkpoint_topic, usize::MAX)])?;
    Ok(limits.iter().find_map(|topic| topic.fault(settings)))
}

fn topic(name: &str, copies: usize, known: &[ConfigResource]) -> Limits {
    let is_it = |resource: &&ConfigResource| matches!(&resource.specifier, OwnedResourceSpecifier::Topic(topic) if topic == name);
    let resource = known.iter().find(is_it);
    let value = |key: &str| resource.and_then(|resource| resource.get(key)?.value.clone());
    Limits {
        name: name.to_owned(),
        copies,
        max_message_bytes: value("max.message.bytes").and_then(|bytes| bytes.parse().ok()),
        min_insync_replicas: value("min.insync.replicas").and_then(|least| least.parse().ok()),
        cleanup_policy: value("cleanup.policy"),
        timestamp_type: value("message.timestamp.type"),
        timestamp_after_max_ms: value("message.timestamp.after.max.ms")
            .and_then(|millis| millis.parse().ok()),
        retention_ms: value("retention.ms").and_then(|millis| millis.parse().ok()),
        compression_type: value("compression.type"),
    }
}
