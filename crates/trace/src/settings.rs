use std::time::Duration;

use ureq::tls::TlsConfig;

/// Where spans go, and how many.
///
/// Has no `Debug`: headers are secrets.
#[derive(Clone)]
pub struct Settings {
    /// Base address of what takes OTLP over HTTP, such as `http://localhost:4318`; `/v1/traces` is appended unless it
    /// ends so.
    pub endpoint: String,
    /// Headers of every request.
    pub headers: Vec<(String, String)>,
    /// How `https` is spoken.
    pub tls: TlsConfig,
    /// Longest time for one answer.
    pub timeout: Duration,
    /// Most spans that wait to be sent; further ones are dropped and counted.
    pub queue: usize,
    /// Share of the requests without a trace context, from 0 to 1, that begin a trace.
    pub sample: f64,
    /// What all spans have in common: names and values, such as `service.name`.
    pub resource: Vec<(String, String)>,
}

impl Settings {
    /// Where spans are posted to.
    pub(crate) fn url(&self) -> String {
        let base = self.endpoint.trim_end_matches('/');
        if base.ends_with("/v1/traces") { base.to_owned() } else { format!("{base}/v1/traces") }
    }
}

/// What is wrong with an endpoint; `None` when nothing is. Doesn't repeat it: there may be a password in it.
#[must_use]
pub fn url_fault(endpoint: &str) -> Option<&'static str> {
    let Some(rest) = endpoint.strip_prefix("http://").or_else(|| endpoint.strip_prefix("https://")) else {
        return Some("an address begins with http:// or https://; write one such as http://localhost:4318");
    };
    let authority = rest.split('/').next().unwrap_or_default();
    if authority.contains('@') {
        return Some("credentials are never written in an address; leave them out, and set a header");
    }
    if rest.contains(['?', '#']) || rest.contains(char::is_whitespace) {
        return Some("a base address has no white space, `?` or `#`; leave them out");
    }
    let port = authority.rsplit_once(':').filter(|(_, port)| !port.ends_with(']'));
    let is_port = port.is_none_or(|(_, port)| port.parse::<u16>().is_ok());
    if authority.is_empty() || !is_port || endpoint.parse::<ureq::http::Uri>().is_err() {
        return Some("this is no address; write one such as http://localhost:4318");
    }
    None
}

/// What is wrong with a header; `None` when nothing is. Doesn't repeat its value.
#[must_use]
pub fn header_fault(name: &str, value: &str) -> Option<&'static str> {
    const OURS: [&str; 5] = ["content-type", "content-length", "host", "transfer-encoding", "connection"];
    if name.parse::<ureq::http::HeaderName>().is_err() {
        return Some("this is no name of a header; write one such as x-scope-orgid");
    }
    if OURS.iter().any(|ours| name.eq_ignore_ascii_case(ours)) {
        return Some("this header is kalends' own; leave it out");
    }
    if value.parse::<ureq::http::HeaderValue>().is_err() {
        return Some("no header can have this value: there is a character in it that is not visible ASCII");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_no_request_could_go_to_is_refused() {
        for endpoint in
            ["", "x", "localhost:4318", "http://", "http:///x", "http://a b", "http://a?b", "http://a:b"]
        {
            assert!(url_fault(endpoint).is_some(), "{endpoint}");
        }
        assert!(url_fault("https://u:hunter2@a").unwrap().contains("header"));
        for endpoint in
            ["http://localhost:4318", "https://[::1]:4318/", "https://otlp.example.org/otlp/v1/traces"]
        {
            assert_eq!(url_fault(endpoint), None, "{endpoint}");
        }
    }

    #[test]
    fn a_header_that_could_not_be_sent_is_refused() {
        for (name, value) in [("", "a"), ("a b", "c"), ("Host", "a"), ("a", "b\nc"), ("content-type", "x")] {
            assert!(header_fault(name, value).is_some(), "{name}: {value}");
        }
        assert_eq!(header_fault("Authorization", "Bearer x"), None);
    }
}
