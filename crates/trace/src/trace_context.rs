use std::fmt;

const SAMPLED: u8 = 1;
/// The flags that version 00 knows: sampled, and a random trace id.
const KNOWN_FLAGS: u8 = 3;

/// Which trace a request belongs to, and which span of it is the newest: what a `traceparent` says.
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

    /// The same trace, with this span as the newest.
    pub(crate) fn with_span(self, span: [u8; 8]) -> Self {
        Self { span, ..self }
    }

    /// Whether the sender records this trace.
    #[must_use]
    pub const fn is_sampled(&self) -> bool {
        self.flags & SAMPLED != 0
    }

    /// Reads a `traceparent` of any version; what later versions append is not looked at.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let [version] = bytes(parts.next()?)?;
        let (trace, span) = (bytes(parts.next()?)?, bytes(parts.next()?)?);
        let [flags] = bytes(parts.next()?)?;
        let is_valid = version != 0xff && trace != [0; 16] && span != [0; 8];
        is_valid.then_some(Self { trace, span, flags: flags & KNOWN_FLAGS })
    }
}

impl fmt::Display for TraceContext {
    /// As version 00 of `traceparent` has it.
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
    if digits.len() != N * 2 || !digits.iter().all(u8::is_ascii_hexdigit) {
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
    fn what_breaks_the_rules_is_no_context() {
        for text in ["", "00", "00-x-y-01", "00-é-y-01", &PARENT[1..], &PARENT.replacen("00", "ff", 1)] {
            assert_eq!(TraceContext::parse(text), None, "{text}");
        }
    }
}
