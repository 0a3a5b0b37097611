use std::net::{IpAddr, SocketAddr};

use ureq::{
    config::Config,
    http::Uri,
    unversioned::{
        resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver},
        transport::NextTimeout,
    },
};

/// Whether an address is link-local: there a cloud's machines are given their own credentials, and no API of anybody is.
#[must_use]
pub fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => mapped.is_link_local(),
            None => address.is_unicast_link_local(),
        },
    }
}

/// A name stands for link-local addresses alone.
#[derive(Debug, thiserror::Error)]
#[error("the name stands for a link-local address, to which nothing is sent")]
pub(crate) struct LinkLocal;

/// Finds addresses, but for link-local ones.
#[derive(Debug, Default)]
pub(crate) struct NoLinkLocal(DefaultResolver);

impl Resolver for NoLinkLocal {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.0.resolve(uri, config, timeout)?;
        let mut left = self.empty();
        let is_allowed = |address: &&SocketAddr| !is_link_local(address.ip());
        found.iter().filter(is_allowed).for_each(|address| left.push(*address));
        if left.is_empty() { Err(ureq::Error::Other(Box::new(LinkLocal))) } else { Ok(left) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn link_local_addresses_are_known_in_every_spelling() {
        for address in ["169.254.169.254", "fe80::1", "::ffff:169.254.169.254"] {
            assert!(is_link_local(address.parse().unwrap()), "{address}");
        }
        for address in ["127.0.0.1", "10.0.0.1", "::1", "fd00::1", "203.0.113.9"] {
            assert!(!is_link_local(address.parse().unwrap()), "{address}");
        }
    }
}
