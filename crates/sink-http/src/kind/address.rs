//! The address of requests.

use std::net::IpAddr;

use kalends_outgoing::{AddressFault, check_address, is_link_local};

/// The message about an address that no request could go to.
const EXAMPLE: &str = "https://example.org/hooks/rokt";

/// The fault of an address. Never repeats its path or query.
pub(super) fn fault(url: &str) -> Option<String> {
    let base = url.split_once('?').map_or(url, |(base, _)| base);
    if url.contains('#') {
        return Some("nothing behind `#` is ever sent; leave it out".to_owned());
    }
    if url.contains(char::is_whitespace) {
        return Some("there is white space in the address; leave it out".to_owned());
    }
    match check_address(base) {
        Err(AddressFault::Credentials) => {
            return Some(AddressFault::Credentials.advise(EXAMPLE, "name the secret under token"));
        }
        Err(fault) => return Some(fault.advise(EXAMPLE, "")),
        Ok(()) => {}
    }
    let host = host(base);
    let is_forbidden = host.parse::<IpAddr>().is_ok_and(is_link_local);
    is_forbidden.then(|| {
        "this is a link-local address, where machines keep their own credentials: nothing is sent there; write another"
            .to_owned()
    })
}

/// Tells whether anybody between could read what is sent: neither TLS nor this machine.
pub(super) fn is_open(url: &str) -> bool {
    let host = host(url);
    let is_here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    url.starts_with("http://") && !is_here
}

/// The address as it may be shown: without path and query.
pub(crate) fn place(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    format!("{scheme}://{authority}")
}

/// The address with the preset's path behind it, unless it ends so already.
pub(crate) fn with_path(url: &str, path: &str) -> String {
    let (base, query) = url.split_once('?').map_or((url, None), |(base, query)| (base, Some(query)));
    let base = if path.is_empty() || base.ends_with(path) {
        base.to_owned()
    } else {
        format!("{}{path}", base.trim_end_matches('/'))
    };
    query.map_or(base.clone(), |query| format!("{base}?{query}"))
}

fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_path_and_query() {
        assert_eq!(place("https://a.example:8443/hooks/secret?token=x"), "https://a.example:8443");
        assert_eq!(place("https://a.example?x"), "https://a.example");
    }

    #[test]
    fn a_preset_s_path_stands_behind_the_address_once() {
        for (url, whole) in [
            ("https://a.example", "https://a.example/v1/batch"),
            ("https://a.example/", "https://a.example/v1/batch"),
            ("https://a.example/v1/batch", "https://a.example/v1/batch"),
            ("https://a.example/proxy?x=1", "https://a.example/proxy/v1/batch?x=1"),
        ] {
            assert_eq!(with_path(url, "/v1/batch"), whole);
        }
        assert_eq!(with_path("https://a.example/hook?x=1", ""), "https://a.example/hook?x=1");
    }

    #[test]
    fn an_address_that_nothing_may_go_to_is_told_without_its_path() {
        for url in [
            "a.example/secret",
            "https://u:p@a.example/secret",
            "http://169.254.169.254/secret",
            "https://[fe80::1]/secret",
            "https://a.example/secret#x",
        ] {
            let told = fault(url).unwrap();
            assert!(!told.contains("secret#") && !told.contains("/secret"), "{told}");
        }
        for url in ["https://a.example/x?y=z", "http://127.0.0.1:8080/"] {
            assert_eq!(fault(url), None);
        }
        assert!(
            is_open("http://a.example/") && !is_open("http://localhost:1/") && !is_open("http://[::1]:1/")
        );
    }
}
