use std::{collections::BTreeMap, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Privacy, SchemaRegistry, Topics};
use kalends_value::{Start, Text, duration, words};

/// Topics of a Kafka cluster.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Kafka {
    /// Brokers to ask first, `host:port` with commas between. Default `localhost:9092`. Since 0.1.
    pub brokers: String,
    /// What a consumer may rely on. Default `exactly-once`. Since 0.1.
    pub delivery: Delivery,
    /// Longest time from a record's sending to its commit, or a second while a backlog is worked off; a shorter one costs
    /// more of the machine and of the cluster. Default 100 ms. Since 0.1.
    #[serde(with = "duration")]
    #[schemars(with = "duration::Written")]
    pub commit_every: Duration,
    /// Names of the topics. Since 0.1.
    pub topics: Topics,
    /// Whether topics that don't exist are created. Default true. Since 0.1.
    pub create_topics: bool,
    /// Partitions of a topic that is created. Default: what the broker is set to. Since 0.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partitions: Option<u32>,
    /// Copies of each partition of a topic that is created. Default: what the broker is set to. Since 0.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replication: Option<u16>,
    /// How long records stay on a topic that is created. Default: what the broker is set to. Since 0.1.
    #[serde(with = "duration::optional", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<duration::Written>")]
    pub retention: Option<Duration>,
    /// Compacted topic that holds the positions of all sinks. Default `kalends.checkpoints`. Since 0.1.
    pub checkpoint_topic: String,
    /// Where the schemas of records are registered, whose ids then stand before the values. Default: none. Since 0.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema_registry: Option<Box<SchemaRegistry>>,
    /// Properties of librdkafka, such as `security.protocol`, passed on as they are; those that the promises rest on are
    /// refused. Secret ones are references. Default: none. Since 0.1.
    pub properties: BTreeMap<String, Text>,
    /// Where to start in a journal that this sink has never seen. Default `earliest`. Since 0.1.
    pub start: Start,
    /// Whether the journal keeps webhooks until this sink has them; if not, a full journal drops this sink's oldest ones.
    /// Default true. Since 0.1.
    pub required: bool,
    /// The only event types that the sink takes. Default: none named, so all. Since 0.1.
    pub only: Vec<String>,
    /// Event types that the sink does not take. Default: none. Since 0.1.
    pub except: Vec<String>,
    /// Whether U+0000 is taken out of texts, where it stands and where it is escaped in JSON text: PostgreSQL takes neither. Default
    /// false. Since 0.1.
    pub strip_nul: bool,
    /// What the sink may see of personal data. Default: everything. Since 0.1.
    pub privacy: Privacy,
    /// The `transactional.id` is `<prefix><journal id>-<sink's name>`. Default `kalends-`. Since 0.1.
    pub transactional_id_prefix: String,
}

impl Default for Kafka {
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
            start: Start::Earliest,
            required: true,
            only: Vec::new(),
            except: Vec::new(),
            strip_nul: false,
            privacy: Privacy::default(),
            transactional_id_prefix: "kalends-".into(),
        }
    }
}

impl Kafka {
    /// The same as the sink of this name wants it.
    #[must_use]
    pub fn sink_settings(&self, name: &str) -> kalends_sink_kafka::Settings {
        let defaults = kalends_sink_kafka::Settings::new(name, &self.brokers);
        kalends_sink_kafka::Settings {
            pacing: kalends_sink::Pacing { delay: self.commit_every, ..defaults.pacing },
            delivery: match self.delivery {
                Delivery::ExactlyOnce => kalends_sink_kafka::Delivery::ExactlyOnce,
                Delivery::AtLeastOnce => kalends_sink_kafka::Delivery::AtLeastOnce,
            },
            checkpoint_topic: self.checkpoint_topic.clone(),
            transactional_id_prefix: self.transactional_id_prefix.clone(),
            create_topics: self.create_topics,
            partitions: self.partitions,
            replication: self.replication,
            retention: self.retention,
            registry: self.schema_registry.as_deref().map(SchemaRegistry::sink_settings),
            properties: self.properties.iter().map(|(k, v)| (k.clone(), v.expose().to_owned())).collect(),
            ..defaults
        }
    }
}

/// What a consumer of the topics may rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// Records and position are committed in one transaction; `read_committed` consumers see each event once.
    ExactlyOnce,
    /// No transactions; after a failure some records may come again.
    AtLeastOnce,
}

words!(Delivery { "exactly-once" => ExactlyOnce, "at-least-once" => AtLeastOnce });
