use std::{collections::BTreeMap, time::Duration};

use kalends_outgoing::TlsFault;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use kalends_value::{ClientTls, Secret, Text, duration};

/// Reports of the daemon's work beside logs and metrics.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Telemetry {
    /// Target of traces. Default: nowhere. Since 0.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otlp: Option<Otlp>,
}

/// The export of traces: OTLP over HTTP with protobuf.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Otlp {
    /// Base address of the collector; `/v1/traces` is appended. Since 0.1.
    pub endpoint: String,
    /// Headers of every request, by name. Those that are credentials are references. Default: none. Since 0.1.
    #[serde(default)]
    pub headers: BTreeMap<String, Text>,
    /// Share of the requests without a trace context, from 0 to 1, that begin a trace. Default 1. Since 0.1.
    #[serde(default = "whole")]
    pub sample: f64,
    /// Name by which the collector knows this daemon (`service.name`). Default `kalends`. Since 0.1.
    #[serde(default = "service_name")]
    pub service_name: String,
    /// Attributes of every span, such as `deployment.environment.name`. Default: none. Since 0.1.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
    /// Most spans that wait to be sent; further ones are dropped and counted. Default 8192. Since 0.1.
    #[serde(default = "queue")]
    pub queue: u32,
    /// Longest time for one answer. Default 10 s. Since 0.1.
    #[serde(default = "timeout", with = "duration")]
    #[schemars(with = "duration::Written")]
    pub timeout: Duration,
    /// TLS for https. Since 0.1.
    #[serde(default)]
    pub tls: ClientTls,
}

fn whole() -> f64 {
    1.0
}

fn service_name() -> String {
    "kalends".to_owned()
}

fn queue() -> u32 {
    8192
}

fn timeout() -> Duration {
    Duration::from_secs(10)
}

impl Otlp {
    /// The secrets, each with the keys that lead to it.
    pub(super) fn secrets(&mut self) -> Vec<(&mut Secret, [String; 2])> {
        let headers = self.headers.iter_mut().filter_map(|(name, value)| match value {
            Text::Secret(secret) => Some((secret, ["headers".to_owned(), name.clone()])),
            Text::Plain(_) => None,
        });
        let key = self.tls.key.as_mut().map(|secret| (secret, ["tls".to_owned(), "key".to_owned()]));
        headers.chain(key).collect()
    }

    /// The same as the exporter wants it. `instance` names this daemon (`service.instance.id`).
    ///
    /// # Errors
    /// What `tls` asks for can't be had.
    pub fn exporter(&self, instance: &str) -> Result<kalends_trace::Settings, TlsFault> {
        let own = [
            ("service.name", self.service_name.as_str()),
            ("service.version", env!("CARGO_PKG_VERSION")),
            ("service.instance.id", instance),
        ];
        let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let theirs = self.attributes.clone().into_iter();
        let header = |(name, value): (&String, &Text)| (name.replace('_', "-"), value.expose().to_owned());
        Ok(kalends_trace::Settings {
            endpoint: self.endpoint.clone(),
            headers: self.headers.iter().map(header).collect(),
            tls: kalends_outgoing::Tls::from(&self.tls).read()?,
            timeout: self.timeout,
            queue: usize::try_from(self.queue).unwrap_or(usize::MAX),
            sample: self.sample,
            resource: own.into_iter().chain(theirs).collect(),
        })
    }
}
