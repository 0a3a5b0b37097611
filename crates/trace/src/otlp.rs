//! OTLP's request for traces and the answer to it, in OpenTelemetry's own types.

use opentelemetry_proto::tonic::{
    collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse},
    common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value},
    resource::v1::Resource,
    trace::v1::{self as otlp, ResourceSpans, ScopeSpans, Status, span::SpanKind, status::StatusCode},
};
use prost::Message as _;

use crate::{Kind, Span, Value};

/// One request with these spans.
pub(crate) fn encode(resource: &[(String, String)], spans: &[Span]) -> Vec<u8> {
    let scope = InstrumentationScope {
        name: "kalends".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..InstrumentationScope::default()
    };
    let scope_spans =
        ScopeSpans { scope: Some(scope), spans: spans.iter().map(span).collect(), ..ScopeSpans::default() };
    let attributes = resource.iter().map(|(name, value)| attribute(name, text(value))).collect();
    let resource_spans = ResourceSpans {
        resource: Some(Resource { attributes, ..Resource::default() }),
        scope_spans: vec![scope_spans],
        ..ResourceSpans::default()
    };
    ExportTraceServiceRequest { resource_spans: vec![resource_spans] }.encode_to_vec()
}

/// How many of the spans the answer to a request says were not taken. An answer that can't be read says nothing.
pub(crate) fn rejected(answer: &[u8]) -> u64 {
    let answer = ExportTraceServiceResponse::decode(answer).unwrap_or_default();
    let rejected = answer.partial_success.map_or(0, |partial_success| partial_success.rejected_spans);
    u64::try_from(rejected).unwrap_or_default()
}

fn span(span: &Span) -> otlp::Span {
    let Span { context, name, kind, began, ended, attributes, failure } = span;
    otlp::Span {
        trace_id: context.trace_context.trace.to_vec(),
        span_id: context.trace_context.span.to_vec(),
        parent_span_id: context.parent.map(Vec::from).unwrap_or_default(),
        name: (*name).to_owned(),
        kind: i32::from(span_kind(*kind)),
        start_time_unix_nano: nanos(*began),
        end_time_unix_nano: nanos(*ended),
        attributes: attributes.iter().map(|(name, value)| attribute(name, any(value))).collect(),
        status: failure.map(|why| Status { message: why.to_owned(), code: i32::from(StatusCode::Error) }),
        ..otlp::Span::default()
    }
}

const fn span_kind(kind: Kind) -> SpanKind {
    match kind {
        Kind::Internal => SpanKind::Internal,
        Kind::Server => SpanKind::Server,
        Kind::Producer => SpanKind::Producer,
    }
}

fn attribute(name: &str, value: any_value::Value) -> KeyValue {
    KeyValue { key: name.to_owned(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}

fn any(value: &Value) -> any_value::Value {
    match value {
        Value::Text(value) => text(value),
        Value::Number(number) => any_value::Value::IntValue(i64::try_from(*number).unwrap_or(i64::MAX)),
    }
}

fn text(value: &str) -> any_value::Value {
    any_value::Value::StringValue(value.to_owned())
}

fn nanos(micros: i64) -> u64 {
    u64::try_from(micros).unwrap_or_default().saturating_mul(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_can_not_be_read_refuses_no_span() {
        for answer in [&[][..], &[0xff; 20], &[0x0a, 0xff, 0xff, 0xff, 0x7f], b"<html>"] {
            assert_eq!(rejected(answer), 0);
        }
    }
}
