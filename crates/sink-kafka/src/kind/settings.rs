use std::{collections::BTreeMap, time::Duration};

use kalends_sink::{Context, Pacing, Topics};
use kalends_value::{Text, duration};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::registry::RegistrySettings;
use crate::{Delivery, Settings};

/// Topics of a Kafka cluster.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct KafkaSettings {
    /// Brokers to ask first, `host:port` with commas between. Default `localhost:9092`. Since 0.1.
    pub brokers: String,
    /// Guarantee to consumers. Default `exactly-once`. Since 0.1.
    pub delivery: Delivery,
    /// Longest time from a record's sending to its commit, or a second while a backlog is worked off; a shorter one costs
    /// more of the machine and of the cluster. Default 100 ms. Since 0.1.
    #[serde(with = "duration")]
    #[schemars(with = "duration::Written")]
    pub commit_every: Duration,
    /// Names of the topics. Since 0.1.
    pub topics: Topics,
    /// Creates topics that don't exist. Default true. Since 0.1.
    pub create_topics: bool,
    /// Partitions of a topic that is created. Default: what the broker is set to. Since 0.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partitions: Option<u32>,
    /// Copies of each partition of a topic that is created. Default: what the broker is set to. Since 0.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replication: Option<u16>,
    /// Time that records stay on a topic that is created; a change alters no topic that is there. Default: what the
    /// broker is set to. Since 0.1.
    #[serde(with = "duration::optional", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<duration::Written>")]
    pub retention: Option<Duration>,
    /// Compacted topic that holds the positions of all sinks. Default `kalends.checkpoints`. Since 0.1.
    pub checkpoint_topic: String,
    /// Registry of the schemas of records, whose ids then stand before the values. Default: none. Since 0.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema_registry: Option<Box<RegistrySettings>>,
    /// Properties of librdkafka, such as `security.protocol`, passed on as they are; those that the promises rest on are
    /// refused. Secret ones are references. Default: none. Since 0.1.
    pub properties: BTreeMap<String, Text>,
    /// The `transactional.id` is `<prefix><journal id>-<sink's name>`. Default `kalends-`. Since 0.1.
    pub transactional_id_prefix: String,
}

impl Default for KafkaSettings {
    fn default() -> Self {
        Self {
            brokers: "localhost:9092".into(),
            delivery: Delivery::ExactlyOnce,
            commit_every: Duration::from_millis(100),
            topics: Topics::default(),
            create_topics: true,
            partitions: None,
            replication: None,
            retention: None,
            checkpoint_topic: "kalends.checkpoints".into(),
            schema_registry: None,
            properties: BTreeMap::new(),
            transactional_id_prefix: "kalends-".into(),
        }
    }
}

impl KafkaSettings {
    /// Settings of the sink of this identity.
    pub(crate) fn for_sink(&self, identity: &str) -> Settings {
        let defaults = Settings::new(identity, &self.brokers);
        Settings {
            pacing: Pacing { delay: self.commit_every, ..defaults.pacing },
            delivery: self.delivery,
            checkpoint_topic: self.checkpoint_topic.clone(),
            transactional_id_prefix: self.transactional_id_prefix.clone(),
            create_topics: self.create_topics,
            partitions: self.partitions,
            replication: self.replication,
            retention: self.retention,
            registry: self.schema_registry.as_deref().map(RegistrySettings::for_client),
            properties: self.properties.iter().map(|(k, v)| (k.clone(), v.expose().to_owned())).collect(),
            ..defaults
        }
    }

    /// Settings of a sink that is to be made in this context.
    pub(crate) fn in_context(&self, context: &Context<'_>) -> Settings {
        let mut settings = Settings {
            started_at: context.now,
            replay: context.replay.map(str::to_owned),
            shard: context.shard,
            ..self.for_sink(&context.identity())
        };
        if let Some(registry) = &mut settings.registry {
            registry.known_ids = context.note("schema-ids");
        }
        settings
    }
}
