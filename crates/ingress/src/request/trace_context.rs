use hyper::HeaderMap;

/// Longest `tracestate` that is kept, in bytes: what W3C Trace Context asks to be propagated at least.
const MAX_STATE_BYTES: usize = 512;
/// Longest `traceparent` that is kept: version 00 has 55 bytes, later ones may be longer.
const MAX_PARENT_BYTES: usize = 128;

/// The request's `traceparent` and `tracestate`, as far as they are sane. A state without a parent means nothing.
pub(crate) fn of(headers: &HeaderMap) -> (Option<&str>, Option<&str>) {
    let Some(parent) = only(headers, "traceparent").filter(|text| is_parent(text)) else {
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

/// `version "-" trace-id "-" parent-id "-" flags`, lower-case hexadecimal; more may follow in versions other than 00.
fn is_parent(text: &str) -> bool {
    let mut parts = text.split('-');
    let mut hex = |length: usize| {
        parts.next().filter(|part| {
            part.len() == length && part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        })
    };
    let (Some(version), Some(trace), Some(parent), Some(_flags)) = (hex(2), hex(32), hex(16), hex(2)) else {
        return false;
    };
    let zero = |part: &str| part.bytes().all(|b| b == b'0');
    let ends = parts.next().is_none();
    version != "ff"
        && !zero(trace)
        && !zero(parent)
        && (ends || version != "00")
        && text.len() <= MAX_PARENT_BYTES
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
    fn a_sane_context_is_kept() {
        let map = headers(&[("traceparent", PARENT), ("tracestate", "a=1,b=2")]);
        assert_eq!(of(&map), (Some(PARENT), Some("a=1,b=2")));
    }

    #[test]
    fn a_later_version_may_be_longer() {
        let later = format!("01{}-more", &PARENT[2..]);
        assert_eq!(of(&headers(&[("traceparent", &later)])), (Some(later.as_str()), None));
    }

    #[test]
    fn a_parent_that_breaks_the_rules_is_dropped_with_its_state() {
        let upper = PARENT.to_uppercase();
        let long = format!("01{}-{}", &PARENT[2..], "x".repeat(100));
        let zero = "00-00000000000000000000000000000000-00f067aa0ba902b7-01";
        let more = format!("{PARENT}-more");
        for parent in ["", "x", "ff-4bf9-00f0-01", zero, &upper, &long, &more] {
            assert_eq!(
                of(&headers(&[("traceparent", parent), ("tracestate", "a=1")])),
                (None, None),
                "{parent}"
            );
        }
        assert_eq!(of(&headers(&[("traceparent", PARENT), ("traceparent", PARENT)])), (None, None));
    }

    #[test]
    fn a_long_state_is_dropped_alone() {
        let map = headers(&[("traceparent", PARENT), ("tracestate", &"x".repeat(513))]);
        assert_eq!(of(&map), (Some(PARENT), None));
    }
}
