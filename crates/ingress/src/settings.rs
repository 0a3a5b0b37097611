use std::{net::SocketAddr, sync::Arc, time::Duration};

use ipnet::IpNet;
use kalends_trace::Tracer;
use tokio_rustls::rustls::ServerConfig;

use crate::{Endpoint, Rates};

/// What the public listener is told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where to listen; port 0 takes any free one.
    pub address: SocketAddr,
    /// The paths that take webhooks; at least one.
    pub endpoints: Vec<Endpoint>,
    /// How TLS is spoken; `None` is not at all. Default `None`.
    pub tls: Option<Arc<ServerConfig>>,
    /// Proxies whose `X-Forwarded-For` is believed. Default none.
    pub trusted_proxies: Vec<IpNet>,
    /// How many requests are served.
    pub rates: Rates,
    /// Largest body, in bytes. Default 1 MiB.
    pub max_body_bytes: usize,
    /// From a head's first byte (on a new connection: from its beginning) to its end. Default 10 s.
    pub header_timeout: Duration,
    /// From the end of the head to the end of the body. Default 30 s.
    pub body_timeout: Duration,
    /// How long a receipt may take to be durable before the sender is told to come back. Default 10 s.
    pub append_timeout: Duration,
    /// How long a connection may live between two requests, and how long an answer may wait for a client that doesn't
    /// read. Default 75 s.
    pub idle_timeout: Duration,
    /// How long running requests have when the server stops. Default 10 s.
    pub drain_timeout: Duration,
    /// Most connections at once; further ones are told to come back. Default 16 384.
    pub max_connections: usize,
    /// Most bytes of bodies in memory at once, those included that wait for the disk. Default 64 MiB.
    pub max_in_flight_bytes: usize,
    /// Where the spans of requests go. Default: nowhere.
    pub tracer: Tracer,
}

impl Settings {
    /// The defaults, for this address and these endpoints.
    #[must_use]
    pub fn new(address: SocketAddr, endpoints: Vec<Endpoint>) -> Self {
        Self {
            address,
            endpoints,
            tls: None,
            trusted_proxies: Vec::new(),
            rates: Rates::default(),
            max_body_bytes: 1 << 20,
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(30),
            append_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            drain_timeout: Duration::from_secs(10),
            max_connections: 16_384,
            max_in_flight_bytes: 64 << 20,
            tracer: Tracer::default(),
        }
    }
}
