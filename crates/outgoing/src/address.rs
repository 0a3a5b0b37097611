use ureq::http::Uri;

/// Reason why no request could go to a base address. Doesn't repeat the address: there may be a password in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressFault {
    /// The scheme is missing.
    #[error("an address begins with http:// or https://")]
    NoScheme,
    /// The address holds a user's name or password.
    #[error("credentials are never written in an address")]
    Credentials,
    /// Something stands behind the path, or there is white space.
    #[error("a base address has no white space, `?` or `#`")]
    NotBase,
    /// The address names no server.
    #[error("this is no address")]
    NoAddress,
}

impl AddressFault {
    /// The fault, and what to do about it: write an address such as `example`, or leave credentials out and do `instead`.
    #[must_use]
    pub fn advise(self, example: &str, instead: &str) -> String {
        match self {
            Self::NoScheme | Self::NoAddress => format!("{self}; write one such as {example}"),
            Self::Credentials => format!("{self}; leave them out, and {instead}"),
            Self::NotBase => format!("{self}; leave them out"),
        }
    }
}

/// Holds that paths can be put behind an address, and requests sent there.
///
/// # Errors
/// The first [`AddressFault`].
pub fn check_address(address: &str) -> Result<(), AddressFault> {
    let rest = address.strip_prefix("http://").or_else(|| address.strip_prefix("https://"));
    let rest = rest.ok_or(AddressFault::NoScheme)?;
    let authority = rest.split('/').next().unwrap_or_default();
    if authority.contains('@') {
        return Err(AddressFault::Credentials);
    }
    if rest.contains(['?', '#']) || rest.contains(char::is_whitespace) {
        return Err(AddressFault::NotBase);
    }
    let port = authority.rsplit_once(':').filter(|(_, port)| !port.ends_with(']'));
    let is_port = port.is_none_or(|(_, port)| port.parse::<u16>().is_ok());
    if authority.is_empty() || !is_port || address.parse::<Uri>().is_err() {
        return Err(AddressFault::NoAddress);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_no_request_could_go_to_is_refused() {
        for (address, fault) in [
            ("", AddressFault::NoScheme),
            ("localhost:4318", AddressFault::NoScheme),
            ("http://a b", AddressFault::NotBase),
            ("http://a?b", AddressFault::NotBase),
            ("http://", AddressFault::NoAddress),
            ("http:///x", AddressFault::NoAddress),
            ("http://a:b", AddressFault::NoAddress),
            ("https://u:hunter2@a", AddressFault::Credentials),
        ] {
            assert_eq!(check_address(address), Err(fault), "{address}");
        }
        for address in ["http://localhost:4318", "https://[::1]:4318/", "https://example.org/apis/ccompat/v7"]
        {
            assert_eq!(check_address(address), Ok(()), "{address}");
        }
    }

    #[test]
    fn a_fault_is_told_with_what_to_do() {
        let told = |fault: AddressFault| fault.advise("http://a:1", "set a header");
        assert!(told(AddressFault::NoScheme).ends_with("http:// or https://; write one such as http://a:1"));
        assert!(told(AddressFault::Credentials).ends_with("; leave them out, and set a header"));
    }
}
