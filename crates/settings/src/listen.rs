use std::{net::SocketAddr, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use kalends_value::{Size, duration};

use super::{Network, Rate, Tls};

/// The public listener and its limits.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Listen {
    /// IP address and port; port 0 takes a free one. Default `127.0.0.1:8080`. Since 0.1.
    pub address: SocketAddr,
    /// TLS. Default: none, for a proxy in front that speaks it. Since 0.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<Tls>,
    /// Proxies whose `X-Forwarded-For` says whose address counts. Default: none. Since 0.1.
    pub trusted_proxies: Vec<Network>,
    /// Limits of requests a second. Since 0.1.
    pub rate: Rate,
    /// Largest accepted body. Default 1 MiB. Since 0.1.
    pub max_body: Size,
    /// Longest time for a request's head to arrive. Default 10 s. Since 0.1.
    #[serde(with = "duration")]
    #[schemars(with = "duration::Written")]
    pub header_timeout: Duration,
    /// Longest time for a request's body to arrive. Default 30 s. Since 0.1.
    #[serde(with = "duration")]
    #[schemars(with = "duration::Written")]
    pub body_timeout: Duration,
    /// Longest rest of a connection between two requests, and longest wait of an answer for a client that doesn't read it.
    /// Default 75 s. Since 0.1.
    #[serde(with = "duration")]
    #[schemars(with = "duration::Written")]
    pub idle_timeout: Duration,
    /// Longest wait for the journal before the sender is asked to come again (503). Default 10 s. Since 0.1.
    #[serde(with = "duration")]
    #[schemars(with = "duration::Written")]
    pub append_timeout: Duration,
    /// Most connections at once. For one more, the one is closed that has been idle longest; when all are being answered, it is
    /// asked to come again (503). Fewer where the process may not open so many files.
    /// Default 16384. Since 0.1.
    pub max_connections: u32,
    /// Most bytes of bodies held in memory at once; more are asked to come again (503). Default 64 MiB. Since 0.1.
    pub max_in_flight: Size,
}

impl Listen {
    /// Bytes of the largest receipt that the listener can make.
    #[must_use]
    pub fn largest_receipt(&self) -> u64 {
        self.max_body
            .bytes()
            .saturating_add(u64::try_from(kalends_ingress::MAX_ENVELOPE_BYTES).unwrap_or(u64::MAX))
    }
}

impl Default for Listen {
    fn default() -> Self {
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], 8080)),
            tls: None,
            trusted_proxies: Vec::new(),
            rate: Rate::default(),
            max_body: Size::mebibytes(1),
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(75),
            append_timeout: Duration::from_secs(10),
            max_connections: 16_384,
            max_in_flight: Size::mebibytes(64),
        }
    }
}
