use std::net::SocketAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Tls;

/// The listener for metrics, health and status.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Admin {
    /// IP address and port; port 0 takes a free one. Default `127.0.0.1:9464`. Since 0.1.
    pub address: SocketAddr,
    /// TLS. Default: none. Since 0.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<Tls>,
}

impl Default for Admin {
    fn default() -> Self {
        Self { address: SocketAddr::from(([127, 0, 0, 1], 9464)), tls: None }
    }
}
