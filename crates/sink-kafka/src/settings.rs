use std::{collections::BTreeMap, time::Duration};

use kalends_sink::{Pacing, ShardId};
use kalends_value::words;

use crate::registry;

/// Guarantee to consumers of the topics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// Records and checkpoint are committed in one transaction: `read_committed` consumers see each event once.
    ExactlyOnce,
    /// No transactions: after a failure some records come again. None is lost.
    AtLeastOnce,
}

words!(Delivery { "exactly-once" => ExactlyOnce, "at-least-once" => AtLeastOnce });

/// Cluster, topics and manner of the delivery.
///
/// Has no `Debug`: `properties` may hold passwords.
#[derive(Clone)]
pub struct Settings {
    /// The sink's name, which is its identity: part of the `transactional.id` and of the checkpoint's key.
    pub name: String,
    /// The journal's shard that is delivered: part of the `transactional.id`, unless it is the first one.
    pub shard: ShardId,
    /// Brokers to ask first: `host:port`, with commas between.
    pub brokers: String,
    /// Guarantee to consumers.
    pub delivery: Delivery,
    /// Topic that holds the checkpoints of all sinks. Only its partition 0 is used.
    pub checkpoint_topic: String,
    /// Text before `<journal id>-<sink>` in the `transactional.id`.
    pub transactional_id_prefix: String,
    /// True if topics that don't exist are created.
    pub create_topics: bool,
    /// Partitions of a topic that is created; the broker's default unless set. The checkpoint topic always gets one.
    pub partitions: Option<u32>,
    /// Copies of each partition of a topic that is created; the broker's default unless set.
    pub replication: Option<u16>,
    /// Time that records stay on a topic that is created; the broker's default unless set. The checkpoint topic is
    /// compacted.
    pub retention: Option<Duration>,
    /// Properties of librdkafka, passed on. Those that the promises rest on are refused.
    pub properties: BTreeMap<String, String>,
    /// The client's name in the broker's log and quotas.
    pub client_id: String,
    /// Size of a transaction.
    pub pacing: Pacing,
    /// Longest wait for one answer of the cluster; then the sink is [`Retry`](kalends_sink::Failure::Retry).
    pub request_timeout: Duration,
    /// Time after which the cluster aborts a transaction that nobody ends, and a message expires, which aborts its
    /// transaction.
    /// Must be longer than librdkafka's `socket.timeout.ms`, if that is set.
    pub transaction_timeout: Duration,
    /// The schema registry whose ids stand before the datums; without one they are single objects.
    pub registry: Option<registry::Settings>,
    /// The replay that this is: what its records say in the header `kalends-replay`. `None` for live delivery.
    pub replay: Option<String>,
    /// Start of this process, in microseconds since the Unix epoch. Written into the claim, for people.
    pub started_at: i64,
}

impl Settings {
    /// The defaults for a sink of this name.
    #[must_use]
    pub fn new(name: impl Into<String>, brokers: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            shard: ShardId::FIRST,
            brokers: brokers.into(),
            delivery: Delivery::ExactlyOnce,
            checkpoint_topic: "kalends.checkpoints".to_owned(),
            transactional_id_prefix: "kalends-".to_owned(),
            create_topics: true,
            partitions: None,
            replication: None,
            retention: None,
            properties: BTreeMap::new(),
            client_id: "kalends".to_owned(),
            pacing: Pacing { records: 50_000, bytes: 64 << 20, delay: Duration::from_millis(100) },
            request_timeout: Duration::from_secs(10),
            transaction_timeout: Duration::from_mins(1),
            registry: None,
            replay: None,
            started_at: 0,
        }
    }
}
