use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The network of an IP address: IPv4 to /24, IPv6 to /48. `None` for what is no IP address.
///
/// An IPv4 address in IPv6 clothes (`::ffff:192.0.2.1`) is one of IPv4.
pub(super) fn network(text: &str) -> Option<String> {
    Some(match text.parse::<IpAddr>().ok()?.to_canonical() {
        IpAddr::V4(address) => Ipv4Addr::from_bits(address.to_bits() & (u32::MAX << 8)).to_string(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 80)).to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::network;

    #[test]
    fn an_address_keeps_its_network_alone() {
        for (address, kept) in [
            ("203.0.113.77", "203.0.113.0"),
            ("255.255.255.255", "255.255.255.0"),
            ("2001:db8:85a3:8d3:1319:8a2e:370:7348", "2001:db8:85a3::"),
            ("::ffff:203.0.113.77", "203.0.113.0"),
            ("::1", "::"),
        ] {
            assert_eq!(network(address).as_deref(), Some(kept), "{address}");
        }
    }

    #[test]
    fn what_is_no_address_keeps_nothing() {
        for text in
            ["", "203.0.113", "203.0.113.77:443", "203.0.113.7, 198.51.100.2", "a@example.org", "[::1]"]
        {
            assert_eq!(network(text), None, "{text}");
        }
    }
}
