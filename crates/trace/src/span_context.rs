use crate::TraceContext;

/// Place of a span: the trace, the span's own id, and the span above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpanContext {
    /// Its trace, and itself.
    pub trace_context: TraceContext,
    /// The span above it; `None` at the beginning of a trace.
    pub(crate) parent: Option<[u8; 8]>,
}

impl SpanContext {
    /// A span below this one; `None` when the machine has no randomness to give.
    #[must_use]
    pub fn child(&self) -> Option<Self> {
        Self::below(self.trace_context)
    }

    /// The first span of a new trace.
    pub(crate) fn begin() -> Option<Self> {
        Some(Self { trace_context: TraceContext::sampled(random()?, random()?), parent: None })
    }

    /// A span below the one that sent this context, if the sender records the trace.
    pub(crate) fn wanted(context: TraceContext) -> Option<Self> {
        if context.is_sampled() { Self::below(context) } else { None }
    }

    fn below(context: TraceContext) -> Option<Self> {
        Some(Self { trace_context: context.with_span(random()?), parent: Some(context.span) })
    }
}

/// A number from 0 to below 1, each as likely as the others.
pub(crate) fn dice() -> Option<f64> {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes).ok()?;
    Some(f64::from(u32::from_le_bytes(bytes)) / (f64::from(u32::MAX) + 1.0))
}

/// Random bytes that are not all zero, which no id may be; `None` when the machine has none to give.
fn random<const N: usize>() -> Option<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).ok()?;
    (bytes != [0; N]).then_some(bytes)
}
