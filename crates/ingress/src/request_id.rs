use std::{
    collections::hash_map::RandomState,
    fmt,
    hash::{BuildHasher as _, Hasher as _},
    sync::atomic::{AtomicU64, Ordering},
};

use hyper::header::{HeaderName, HeaderValue};

/// Where a refused sender finds its request's name.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Names a request in the log and in the answer that refuses it. It is made here: one that a client has sent would let it
/// write the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RequestId(u64);

impl RequestId {
    /// As the header's value.
    pub(crate) fn value(self) -> Option<HeaderValue> {
        HeaderValue::try_from(self.to_string()).ok()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// Gives each request of this process another name; those of another process are others, too, as far as chance goes.
#[derive(Debug)]
pub(crate) struct RequestIds(AtomicU64);

impl RequestIds {
    pub(crate) fn new() -> Self {
        Self(AtomicU64::new(RandomState::new().build_hasher().finish()))
    }

    pub(crate) fn next(&self) -> RequestId {
        RequestId(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_request_has_a_name_of_its_own() {
        let ids = RequestIds::new();
        let (one, other) = (ids.next(), ids.next());
        assert_ne!(one, other);
        assert_eq!(one.to_string().len(), 16);
        assert_eq!(one.value().unwrap(), one.to_string().as_str());
    }
}
