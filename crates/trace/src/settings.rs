use std::time::Duration;

use kalends_outgoing::TlsConfig;

/// Target and size of the export.
///
/// Has no `Debug`: headers are secrets.
#[derive(Clone)]
pub struct Settings {
    /// Base address of what takes OTLP over HTTP, such as `http://localhost:4318`; `/v1/traces` is appended unless it
    /// ends so.
    pub endpoint: String,
    /// Headers of every request.
    pub headers: Vec<(String, String)>,
    /// TLS for `https`.
    pub tls: TlsConfig,
    /// Longest time for one answer.
    pub timeout: Duration,
    /// Most spans that wait to be sent; further ones are dropped and counted.
    pub queue: usize,
    /// Share of the requests without a trace context, from 0 to 1, that begin a trace.
    pub sample: f64,
    /// Names and values that all spans have in common, such as `service.name`.
    pub resource: Vec<(String, String)>,
}

impl Settings {
    /// Target of the export.
    pub(crate) fn url(&self) -> String {
        let base = self.endpoint.trim_end_matches('/');
        if base.ends_with("/v1/traces") { base.to_owned() } else { format!("{base}/v1/traces") }
    }
}
