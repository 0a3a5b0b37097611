//! The configuration: the shape of the YAML file as plain values.
//!
//! Settings say what was asked for and build nothing. [`load`] reads a file and the environment, and reports every
//! problem at once, each with its place. Keys left out take the values of the [`Default`] implementations, which
//! `config/kalends.full.yaml` shows one by one.

mod admin;
mod check;
mod deduplicate;
mod endpoint;
mod journal;
mod listen;
mod load;
mod log;
mod network;
mod overrides;
mod parts;
mod privacy;
mod problem;
mod rate;
mod records;
mod schema;
pub mod schema_catalogue;
mod schemas;
pub mod server_tls;
mod sink;
mod sinks;
mod telemetry;
#[cfg(test)]
mod test_kinds;
mod tls;
mod tree;

pub use admin::Admin;
pub use deduplicate::Deduplicate;
pub use endpoint::Endpoint;
pub use journal::{Journal, JournalKind};
pub use kalends_value::{
    ClientTls, Path, Reference, Secret, Size, Start, Text, duration::parse as parse_duration, hints,
};
pub use listen::Listen;
pub use load::{EMBEDDED, SecretUse, load, load_with};
pub use log::{Log, LogFormat, LogLevel};
pub use network::Network;
pub use parts::TokenFault;
pub use privacy::{Classes, Consent, Privacy, Treatment};
pub use problem::{Place, Problem, Problems};
pub use rate::Rate;
pub use records::{altered_fields, record_names};
pub use schema::json_schema;
pub use schemas::Schemas;
pub use sink::{Common, Sink};
pub use telemetry::{Otlp, Telemetry};
pub use tls::Tls;

use std::{collections::BTreeMap, time::Duration};

use kalends_normalise::Plan;
use kalends_value::{Misfit, duration, words};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Everything that can be configured.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The public listener, which the sender posts to. Since 0.1.
    pub listen: Listen,
    /// Endpoints of the public listener, by name (`[a-z0-9_]+`); the name is part of every record. Default: none, and
    /// at least one is needed. Since 0.1.
    pub endpoints: BTreeMap<String, Endpoint>,
    /// The journal, which keeps webhooks until every sink has them. Since 0.1.
    pub journal: Journal,
    /// The dedup window: how far back repeated events are recognised. Since 0.1.
    pub deduplicate: Deduplicate,
    /// Destinations of records, by name (`[a-z0-9_]+`); a sink's name is its identity, and under another name it
    /// starts afresh.
    /// Default: none, and at least one is needed. Since 0.1.
    #[serde(deserialize_with = "sinks::left_out")]
    #[schemars(with = "BTreeMap<String, schema::AnySink>")]
    pub sinks: BTreeMap<String, Sink>,
    /// Schemas beside the built-in ones. Since 0.1.
    pub schemas: Schemas,
    /// Unit of the instants in records. Default `millis`. Since 0.1.
    pub timestamps: Timestamps,
    /// Longest time that sinks get to commit at a stop. Default 20 s. Since 0.1.
    #[serde(with = "duration")]
    #[schemars(with = "duration::Written")]
    pub stop_timeout: Duration,
    /// The listener for metrics, health and status. Since 0.1.
    pub admin: Admin,
    /// The log, which goes to standard error. Since 0.1.
    pub log: Log,
    /// Reports of the daemon's work beside logs and metrics. Since 0.1.
    pub telemetry: Telemetry,
}

impl Settings {
    /// Every secret with the key that it stands under.
    pub fn secrets(&mut self) -> Vec<(Path, &mut Secret)> {
        check::all_secrets(self)
    }

    /// Lists the faults that no single value shows, with record types that are there already. The secrets are filled in.
    pub fn faults(&mut self, plan: &Plan) -> Vec<Misfit> {
        check::faults(self, Some(plan))
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: Listen::default(),
            endpoints: BTreeMap::new(),
            journal: Journal::default(),
            deduplicate: Deduplicate::default(),
            sinks: BTreeMap::new(),
            schemas: Schemas::default(),
            timestamps: Timestamps::Millis,
            stop_timeout: Duration::from_secs(20),
            admin: Admin::default(),
            log: Log::default(),
            telemetry: Telemetry::default(),
        }
    }
}

/// Unit of the instants in records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timestamps {
    /// `timestamp-millis`: what every consumer understands. Namespace `rokt.calendar`.
    Millis,
    /// `timestamp-micros`: as exact as the sender's. Namespace `rokt.calendar.micros`.
    Micros,
}

words!(Timestamps { "millis" => Millis, "micros" => Micros });

impl From<Timestamps> for kalends_normalise::TimeUnit {
    fn from(timestamps: Timestamps) -> Self {
        match timestamps {
            Timestamps::Millis => Self::Millis,
            Timestamps::Micros => Self::Micros,
        }
    }
}
