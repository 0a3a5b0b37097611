use std::net::SocketAddr;

use serde::Deserialize;

use super::Tls;

/// The listener for metrics, health and status.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Admin {
    /// IP address and port; port 0 takes a free one. Default `127.0.0.1:9464`. Since 0.1.
    pub address: SocketAddr,
    /// TLS. Default: none. Since 0.1.
    pub tls: Option<Tls>,
}

impl Default for Admin {
    fn default() -> Self {
        Self { address: SocketAddr::from(([127, 0, 0, 1], 9464)), tls: None }
    }
}
