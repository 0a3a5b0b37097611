use std::borrow::Cow;

use crate::SpanContext;

/// Something that was done and took time. No value in it may be personal or secret.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// Place of the span in its trace.
    pub context: SpanContext,
    /// Name of the work; one of few.
    pub name: &'static str,
    /// Its part in the conversation.
    pub kind: Kind,
    /// Start, in microseconds since the Unix epoch.
    pub began: i64,
    /// End, likewise.
    pub ended: i64,
    /// Attributes.
    pub attributes: Vec<Attribute>,
    /// Reason of the failure, in one word; `None` when there was none.
    pub failure: Option<&'static str>,
}

/// One fact about a span: its name and its value.
pub type Attribute = (&'static str, Value);

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Text.
    Text(Cow<'static, str>),
    /// A whole number.
    Number(u64),
}

/// A span's part in the conversation, as OpenTelemetry tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Something inside.
    Internal,
    /// A request was answered.
    Server,
    /// Something was handed on for others to read later.
    Producer,
}
