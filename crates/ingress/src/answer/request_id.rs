use std::{
    collections::hash_map::RandomState,
    fmt,
    hash::BuildHasher as _,
    sync::atomic::{AtomicU64, Ordering},
};

use hyper::header::{HeaderName, HeaderValue};

/// The header in which a refused sender finds its request's name.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Names a request in the log and in the answer that refuses it. It is made here: one that a client has sent would let it
/// write the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RequestId(u64);

impl RequestId {
    /// The id as the header's value.
    pub(crate) fn value(self) -> Option<HeaderValue> {
        HeaderValue::try_from(self.to_string()).ok()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// Gives each request another name, as far as chance goes, from which nobody learns how many there were.
#[derive(Debug, Default)]
pub(crate) struct RequestIds {
    given: AtomicU64,
    key: RandomState,
}

impl RequestIds {
    pub(crate) fn next(&self) -> RequestId {
        RequestId(self.key.hash_one(self.given.fetch_add(1, Ordering::Relaxed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_request_has_a_name_of_its_own() {
        let ids = RequestIds::default();
        let (one, other) = (ids.next(), ids.next());
        assert_ne!(one, other);
        assert_ne!(one.0.abs_diff(other.0), 1, "they can't be counted");
        assert_eq!(one.to_string().len(), 16);
        assert_eq!(one.value().unwrap(), one.to_string().as_str());
    }
}
