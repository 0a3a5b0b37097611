use std::fmt;

const SAMPLED: u8 = 1;
/// The flags that version 00 knows: sampled, and a random trace id.
const KNOWN_FLAGS: u8 = 3;

/// Length of a `traceparent` with nothing appended.
const BARE_BYTES: usize = 55;
/// Longest `traceparent` that is read: later versions may append more to it.
const MAX_BYTES: usize = 128;

/// The trace of a request, and its newest span: the content of a `traceparent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceContext {
    pub(crate) trace: [u8; 16],
    pub(crate) span: [u8; 8],
    flags: u8,
}

impl TraceContext {
    /// A context whose spans are wanted.
    pub(crate) fn sampled(trace: [u8; 16], span: [u8; 8]) -> Self {
        Self { trace, span, flags: SAMPLED }
    }

    /// Returns the same trace, with this span as the newest.
    pub(crate) fn with_span(self, span: [u8; 8]) -> Self {
        Self { span, ..self }
    }

    /// Returns whether the sender records this trace.
    #[must_use]
    pub const fn is_sampled(&self) -> bool {
        self.flags & SAMPLED != 0
    }

    /// Reads a `traceparent` by the rules of W3C Trace Context: `version "-" trace-id "-" parent-id "-" flags` in lower-case
    /// hexadecimal. Versions other than 00 may append more, which is not looked at. `None` when a rule is broken, or when the
    /// text is longer than 128 bytes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_BYTES {
            return None;
        }
        let mut parts = text.split('-');
        let [version] = bytes(parts.next()?)?;
        let (trace, span) = (bytes(parts.next()?)?, bytes(parts.next()?)?);
        let [flags] = bytes(parts.next()?)?;
        let may_end_so = version != 0 || parts.next().is_none();
        let is_valid = version != 0xff && trace != [0; 16] && span != [0; 8] && may_end_so;
        is_valid.then_some(Self { trace, span, flags: flags & KNOWN_FLAGS })
    }

    /// Whether the text is a valid `traceparent` with nothing appended, so that nothing in it is a text of the sender's.
    #[must_use]
    pub fn is_bare(text: &str) -> bool {
        text.len() == BARE_BYTES && Self::parse(text).is_some()
    }
}

impl fmt::Display for TraceContext {
    /// The text by version 00 of `traceparent`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("00-")?;
        self.trace.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str("-")?;
        self.span.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        write!(f, "-{:02x}", self.flags)
    }
}

fn bytes<const N: usize>(hex: &str) -> Option<[u8; N]> {
    let digits = hex.as_bytes();
    if digits.len() != N * 2 || !digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn what_was_read_is_written_the_same() {
        let context = TraceContext::parse(PARENT).unwrap();
        assert!(context.is_sampled());
        assert_eq!(context.to_string(), PARENT);
        assert!(!TraceContext::parse(&PARENT.replace("-01", "-00")).unwrap().is_sampled());
    }

    #[test]
    fn a_later_version_is_read_as_far_as_it_is_known() {
        let later = format!("cc{}-what-ever", &PARENT[2..].replace("-01", "-fd"));
        assert_eq!(TraceContext::parse(&later).unwrap().to_string(), PARENT);
    }

    #[test]
    fn traceparent_that_breaks_a_rule_is_no_context() {
        let all_zero = "00-00000000000000000000000000000000-00f067aa0ba902b7-01";
        let (upper, more) = (PARENT.to_uppercase(), format!("{PARENT}-more"));
        let long = format!("01{}-{}", &PARENT[2..], "x".repeat(100));
        let other_version = PARENT.replacen("00", "ff", 1);
        for text in
            ["", "00", "00-x-y-01", "00-é-y-01", &PARENT[1..], &other_version, all_zero, &upper, &more, &long]
        {
            assert_eq!(TraceContext::parse(text), None, "{text}");
        }
    }

    #[test]
    fn traceparent_with_nothing_appended_is_bare() {
        let later = PARENT.replacen("00", "01", 1);
        for text in [PARENT, &later] {
            assert!(TraceContext::is_bare(text), "{text}");
        }
        let zeros = "0".repeat(BARE_BYTES);
        for text in [&format!("{later}-jane"), &zeros, &"-".repeat(BARE_BYTES)] {
            assert!(!TraceContext::is_bare(text), "{text}");
        }
    }
}
