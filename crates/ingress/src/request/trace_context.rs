use hyper::HeaderMap;
use kalends_trace::TraceContext;

/// Longest `tracestate` that is kept, in bytes: what W3C Trace Context asks to be propagated at least.
const MAX_STATE_BYTES: usize = 512;

/// The request's `traceparent` and `tracestate`, as far as they are sane. A state without a parent means nothing.
pub(crate) fn of(headers: &HeaderMap) -> (Option<&str>, Option<&str>) {
    let Some(parent) = only(headers, "traceparent").filter(|text| TraceContext::parse(text).is_some()) else {
        return (None, None);
    };
    let state = only(headers, "tracestate").filter(|text| !text.is_empty() && text.len() <= MAX_STATE_BYTES);
    (Some(parent), state)
}

fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    if values.next().is_some() {
        return None;
    }
    // `to_str` lets through visible ASCII, space and tab only.
    value.to_str().ok().map(str::trim)
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(*name, HeaderValue::from_str(value).unwrap());
        }
        map
    }

    #[test]
    fn traceparent_and_tracestate_that_are_valid_are_kept() {
        let map = headers(&[("traceparent", PARENT), ("tracestate", "a=1,b=2")]);
        assert_eq!(of(&map), (Some(PARENT), Some("a=1,b=2")));
    }

    #[test]
    fn traceparent_that_breaks_a_rule_or_comes_twice_is_dropped_with_its_tracestate() {
        for parents in [&["", "x"][..], &["x"], &[PARENT, PARENT]] {
            let mut pairs: Vec<_> = parents.iter().map(|parent| ("traceparent", *parent)).collect();
            pairs.push(("tracestate", "a=1"));
            assert_eq!(of(&headers(&pairs)), (None, None), "{parents:?}");
        }
    }

    #[test]
    fn tracestate_that_is_too_long_is_dropped_alone() {
        let map = headers(&[("traceparent", PARENT), ("tracestate", &"x".repeat(513))]);
        assert_eq!(of(&map), (Some(PARENT), None));
    }
}
