use std::{collections::BTreeMap, sync::Arc};

use subtle::ConstantTimeEq;

use crate::Endpoint;

/// The endpoints can't be told apart or reached. Names the endpoints, never their paths: a path may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    /// No endpoint has this path.
    #[error("no endpoint is configured: name at least one under `endpoints`")]
    None,
    /// The path can't stand in a request line.
    #[error(
        "the path of endpoint {endpoint:?} can't be requested: it has to begin with a slash, in visible ASCII without `?` and `#`"
    )]
    Path {
        /// The endpoint's name.
        endpoint: String,
    },
    /// Two endpoints share a path.
    #[error("the endpoints {first:?} and {second:?} have the same path")]
    Same {
        /// The name of the one.
        first: String,
        /// The name of the other.
        second: String,
    },
}

/// The endpoints by their paths.
#[derive(Debug)]
pub(crate) struct Routes(Vec<Arc<Endpoint>>);

impl Routes {
    pub(crate) fn new(endpoints: Vec<Endpoint>) -> Result<Self, RouteError> {
        match faults(&endpoints).into_iter().next() {
            Some(fault) => Err(fault),
            None => Ok(Self(endpoints.into_iter().map(Arc::new).collect())),
        }
    }

    /// The endpoint with this path. Takes the same time for all paths of the same length.
    pub(crate) fn find(&self, path: &str) -> Option<&Arc<Endpoint>> {
        let asked = bare(path);
        self.0.iter().fold(None, |found, endpoint| {
            if bool::from(asked.ct_eq(bare(&endpoint.path))) { Some(endpoint) } else { found }
        })
    }
}

/// Lists the faults for which requests can't be brought to these endpoints.
pub(crate) fn faults(endpoints: &[Endpoint]) -> Vec<RouteError> {
    let mut faults = Vec::new();
    let mut seen = BTreeMap::new();
    for Endpoint { name, path, .. } in endpoints {
        let is_possible = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'?' | b'#');
        if !path.starts_with('/') || !path.bytes().all(is_possible) {
            faults.push(RouteError::Path { endpoint: name.clone() });
        } else if let Some(first) = seen.insert(bare(path), name) {
            faults.push(RouteError::Same { first: first.clone(), second: name.clone() });
        }
    }
    if endpoints.is_empty() {
        faults.push(RouteError::None);
    }
    faults
}

fn bare(path: &str) -> &[u8] {
    path.strip_suffix('/').unwrap_or(path).as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(name: &str, path: &str) -> Endpoint {
        Endpoint { name: name.to_owned(), path: path.to_owned(), tokens: Vec::new(), allow: Vec::new() }
    }

    #[test]
    fn one_slash_at_the_end_makes_no_difference() {
        let routes = Routes::new(vec![endpoint("a", "/a"), endpoint("b", "/b/")]).unwrap();
        for (path, name) in [("/a", "a"), ("/a/", "a"), ("/b", "b"), ("/b/", "b")] {
            assert_eq!(routes.find(path).unwrap().name, name);
        }
        for path in ["", "/", "/a//", "/A", "//a", "/a/b", "*"] {
            assert!(routes.find(path).is_none(), "{path}");
        }
    }

    #[test]
    fn endpoints_that_cannot_be_told_apart_are_refused_without_showing_the_path() {
        let error = Routes::new(vec![endpoint("a", "/secret"), endpoint("b", "/secret/")]).unwrap_err();
        assert_eq!(error, RouteError::Same { first: "a".to_owned(), second: "b".to_owned() });
        for path in ["", "secret", "/secret?", "/se cret", "/sécret"] {
            let error = Routes::new(vec![endpoint("a", path)]).unwrap_err();
            assert_eq!(error, RouteError::Path { endpoint: "a".to_owned() });
            assert!(!error.to_string().contains("cret"));
        }
        assert_eq!(Routes::new(Vec::new()).unwrap_err(), RouteError::None);
    }
}
