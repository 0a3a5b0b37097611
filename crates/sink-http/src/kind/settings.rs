use std::{collections::BTreeMap, time::Duration};

use kalends_value::{ClientTls, Text, duration, words};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{After, Mapped, PresetName, Rate, Tokens};

/// Requests to an HTTP API.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct HttpSettings {
    /// The preset of the destination: `webhook`, `segment`, `braze`, or `none` for any other API. Since 0.2.
    pub preset: PresetName,
    /// Address of the requests, which begins with https://, or a reference. No message shows its path
    /// and query; a secret in them belongs into a reference, since `kalends config` prints what the file has. Since 0.2.
    pub url: Text,
    /// The credential; for `webhook` the secret that signs, `whsec_…`, of which a list signs with all. References only. A file
    /// is read at each connect. Since 0.2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Tokens>,
    /// Sends requests; if not, each is made and counted and counts as answered. Default true. Since 0.2.
    #[serde(default = "yes")]
    pub send: bool,
    /// Fields that say who an event is about, of which the first with a value counts. Default: none. Since 0.2.
    #[serde(default)]
    pub identify: Vec<String>,
    /// Fate of an event about nobody known, where the preset needs somebody: `dead-letter`, or `skip`. Default
    /// `dead-letter`. Since 0.2.
    #[serde(default)]
    pub no_identity: NoIdentity,
    /// Names of events at the destination, by event type. Those of type `Test`, `UnknownEvent` and `DeadLetter` are sent only when
    /// they are named.
    /// Default: the preset's. Since 0.2.
    #[serde(default)]
    pub events: BTreeMap<String, String>,
    /// Values of an event, by name: a field, `{ value: CONSTANT }`, or `null` for nothing; a name that begins with `/` is a
    /// JSON Pointer. What is not named is the preset's own. Default: the preset's own. Since 0.2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub map: Option<BTreeMap<String, Mapped>>,
    /// Most requests in a time, such as `250/s`. Default: the preset's, or none. Since 0.2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// Most requests at once. Default 8. Since 0.2.
    #[serde(default = "in_flight")]
    pub in_flight: u16,
    /// The age from which an event triggers nothing: its state is written, the event is not sent. Default `off`. Since 0.2.
    #[serde(default)]
    pub stale_after: After,
    /// Longest time from a request to the end of its answer. Default 10 s. Since 0.2.
    #[serde(default = "timeout", with = "duration")]
    #[schemars(with = "duration::Written")]
    pub timeout: Duration,
    /// TLS towards the destination, whose certificate is always verified. Since 0.2.
    #[serde(default)]
    pub tls: ClientTls,
}

/// The fate of an event about nobody known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NoIdentity {
    /// The event becomes a dead letter.
    #[default]
    DeadLetter,
    /// The event is passed over, and counted.
    Skip,
}

words!(NoIdentity { "dead-letter" => DeadLetter, "skip" => Skip });

fn yes() -> bool {
    true
}

fn in_flight() -> u16 {
    8
}

fn timeout() -> Duration {
    Duration::from_secs(10)
}
