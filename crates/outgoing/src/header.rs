use ureq::http::{HeaderName, HeaderValue};

/// Headers that a [`Client`](crate::Client) sets by itself.
const OWN: [&str; 5] = ["content-type", "content-length", "host", "transfer-encoding", "connection"];

/// Reason why a header can't go with a request. Doesn't repeat the header's value, which may be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeaderFault {
    /// No header is called so.
    #[error("this is no name of a header; write one such as x-scope-orgid")]
    Name,
    /// The client sets it.
    #[error("this header is kalends' own; leave it out")]
    Own,
    /// The value can't be sent.
    #[error("no header can have this value: there is a character in it that is not visible ASCII")]
    Value,
}

/// Holds that a header of the operator's choice can go with a request.
///
/// # Errors
/// The first [`HeaderFault`].
pub fn check_header(name: &str, value: &str) -> Result<(), HeaderFault> {
    name.parse::<HeaderName>().map_err(|_| HeaderFault::Name)?;
    if OWN.iter().any(|own| name.eq_ignore_ascii_case(own)) {
        return Err(HeaderFault::Own);
    }
    value.parse::<HeaderValue>().map_err(|_| HeaderFault::Value).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_that_could_not_be_sent_is_refused() {
        for (name, value, fault) in [
            ("", "a", HeaderFault::Name),
            ("a b", "c", HeaderFault::Name),
            ("Host", "a", HeaderFault::Own),
            ("content-type", "x", HeaderFault::Own),
            ("a", "b\nc", HeaderFault::Value),
        ] {
            assert_eq!(check_header(name, value), Err(fault), "{name}: {value}");
        }
        assert_eq!(check_header("Authorization", "Bearer x"), Ok(()));
    }
}
