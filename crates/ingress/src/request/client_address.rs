use std::net::IpAddr;

use hyper::HeaderMap;
use ipnet::IpNet;

/// The header where proxies write for whom they ask; the last address is the nearest.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The address that a request came from: the peer's, or, behind proxies that are trusted, the last one in
/// `X-Forwarded-For` that is none of theirs. What stands before that one is hearsay and isn't read.
pub(crate) fn of(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let mut nearest = peer.to_canonical();
    let lists = headers.get_all(FORWARDED_FOR).iter().collect::<Vec<_>>();
    let mut claimed = lists.iter().rev().flat_map(|list| list.as_bytes().rsplit(|byte| *byte == b','));
    while is_in(nearest, trusted) {
        let Some(next) = claimed.next().and_then(read) else { break };
        nearest = next;
    }
    nearest
}

/// Returns whether `address` lies in one of `networks`.
pub(crate) fn is_in(address: IpAddr, networks: &[IpNet]) -> bool {
    networks.iter().any(|network| network.contains(&address))
}

/// An address as proxies write it: alone, or with a port behind it.
fn read(text: &[u8]) -> Option<IpAddr> {
    let text = str::from_utf8(text).ok()?.trim();
    let address = text.parse::<IpAddr>().ok();
    let address = address.or_else(|| text.parse::<std::net::SocketAddr>().ok().map(|address| address.ip()));
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    address.or_else(bracketed).map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    fn seen(peer: &str, lists: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for list in lists {
            headers.append(FORWARDED_FOR, HeaderValue::from_str(list).unwrap());
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|network| network.parse().unwrap()).collect();
        of(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn nobody_is_believed_who_is_not_trusted() {
        assert_eq!(seen("192.0.2.1", &["198.51.100.7"], &[]), "192.0.2.1");
        assert_eq!(seen("192.0.2.1", &["198.51.100.7"], &["10.0.0.0/8"]), "192.0.2.1");
    }

    #[test]
    fn a_trusted_proxy_says_who_asked_and_the_last_stranger_counts() {
        let proxies = &["10.0.0.0/8", "fd00::/8"];
        assert_eq!(seen("10.0.0.1", &["198.51.100.7"], proxies), "198.51.100.7");
        assert_eq!(seen("10.0.0.1", &["203.0.113.9, 198.51.100.7, 10.2.3.4"], proxies), "198.51.100.7");
        assert_eq!(seen("10.0.0.1", &["203.0.113.9", "198.51.100.7,fd00::1"], proxies), "198.51.100.7");
    }

    #[test]
    fn ports_brackets_and_mapped_addresses_are_understood() {
        let proxies = &["10.0.0.0/8"];
        assert_eq!(seen("::ffff:10.0.0.1", &["198.51.100.7:4711"], proxies), "198.51.100.7");
        assert_eq!(seen("10.0.0.1", &["[2001:db8::1]:80"], proxies), "2001:db8::1");
        assert_eq!(seen("10.0.0.1", &["[2001:db8::1]"], proxies), "2001:db8::1");
    }

    #[test]
    fn a_proxy_that_says_nothing_readable_is_taken_for_the_sender_itself() {
        let proxies = &["10.0.0.0/8"];
        assert_eq!(seen("10.0.0.1", &[], proxies), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &["198.51.100.7, unknown"], proxies), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &["10.0.0.2"], proxies), "10.0.0.2");
    }
}
