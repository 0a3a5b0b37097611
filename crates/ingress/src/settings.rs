use std::{net::SocketAddr, sync::Arc, time::Duration};

use ipnet::IpNet;
use kalends_trace::Tracer;
use tokio_rustls::rustls::ServerConfig;

use crate::{Endpoint, Rates};

/// Settings of the public listener.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Address to listen on; port 0 takes any free one.
    pub address: SocketAddr,
    /// The paths that take webhooks; at least one.
    pub endpoints: Vec<Endpoint>,
    /// TLS; `None` is without. Default `None`.
    pub tls: Option<Arc<ServerConfig>>,
    /// Proxies whose `X-Forwarded-For` is believed. Default none.
    pub trusted_proxies: Vec<IpNet>,
    /// Limits of requests a second.
    pub rates: Rates,
    /// Largest body, in bytes. Default 1 MiB.
    pub max_body_bytes: usize,
    /// From a head's first byte (on a new connection: from its beginning) to its end. Default 10 s.
    pub header_timeout: Duration,
    /// From the end of the head to the end of the body. Default 30 s.
    pub body_timeout: Duration,
    /// Longest wait for a receipt to be durable before the sender is asked to come back. Default 10 s.
    pub append_timeout: Duration,
    /// Longest life of a connection between two requests, and longest wait of an answer for a client that doesn't
    /// read. Default 75 s.
    pub idle_timeout: Duration,
    /// Time for running requests when the server stops. Default 10 s.
    pub drain_timeout: Duration,
    /// Most connections at once; further ones are told to come back. Default 16 384.
    pub max_connections: usize,
    /// Most bytes of bodies in memory at once, those included that wait for the disk. Default 64 MiB.
    pub max_in_flight_bytes: usize,
    /// Receiver of the spans of requests. Default: none.
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
