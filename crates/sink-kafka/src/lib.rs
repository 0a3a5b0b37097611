//! Delivers records to Kafka: records and checkpoint in one transaction.
//!
//! Frames datums, never builds them. Knows no journal: a position is a number that it keeps for somebody else.
//!
//! # The order that makes an event arrive once
//!
//! 1. `init_transactions` fences every older producer of this identity and ends what it left open;
//! 2. the checkpoint is read, `read_committed`, up to where the checkpoint topic ended after step 1;
//! 3. a claim (who delivers here now, since when) is committed in a transaction of its own;
//! 4. records are produced; a commit adds the checkpoint to their transaction.
//!
//! After any failure all of it begins again with a new producer: what is kept in memory about positions is never used.
//!
//! # What lies in the checkpoint topic
//!
//! One compacted partition. Key: `<sink>/<journal>/<shard>`. Value, JSON:
//!
//! | field | |
//! |---|---|
//! | `version` | 1 |
//! | `journal` `shard` | which journal |
//! | `position` `chain` | the [checkpoint](kalends_sink::Checkpoint); both missing in the claim of a sink that has delivered nothing yet |
//! | `instance` `host` `started_at` | who wrote it |

mod checkpoint;
mod client;
mod config;
mod errors;
mod kind;
mod metrics;
mod preflight;
mod producer;
mod record;
pub mod registry;
mod settings;
mod sink;
mod topics;

pub use config::{SettingsError, check};
pub use kind::{Kafka, KafkaSettings, RegistrySettings};
pub use metrics::Metrics;
pub use preflight::{Context, Preflight, Problem, preflight};
pub use record::headers;
pub use settings::{Delivery, Settings};
pub use sink::KafkaSink;
