use std::borrow::Cow;

use crate::SpanContext;

/// Something that was done and took time. No value in it may be personal or secret.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// Where it stands in its trace.
    pub context: SpanContext,
    /// What was done; one of few.
    pub name: &'static str,
    /// Its part in the conversation.
    pub kind: Kind,
    /// When it began, in microseconds since the Unix epoch.
    pub began: i64,
    /// When it ended, likewise.
    pub ended: i64,
    /// What is known of it.
    pub attributes: Vec<Attribute>,
    /// Why it failed, in one word; `None` when it did not.
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
