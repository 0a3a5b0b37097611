//! OTLP's request for traces: `opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest`. Its field numbers are
//! stable; a test reads what is written here with the project's own types.

use crate::{
    Kind, Span, Value,
    protobuf::{self, Found, Message},
};

const ERROR: u64 = 2;

/// One request with these spans.
pub(crate) fn encode(resource: &[(String, String)], spans: &[Span]) -> Vec<u8> {
    let mut request = Message::default();
    request.message(1, |resource_spans| {
        resource_spans.message(1, |message| {
            for (name, value) in resource {
                attribute(message, 1, name, &Value::Text(value.clone().into()));
            }
        });
        resource_spans.message(2, |scope_spans| {
            scope_spans.message(1, |scope| {
                scope.bytes(1, b"kalends");
                scope.bytes(2, env!("CARGO_PKG_VERSION").as_bytes());
            });
            for one in spans {
                scope_spans.message(2, |message| span(message, one));
            }
        });
    });
    request.into_bytes()
}

fn span(message: &mut Message, span: &Span) {
    let Span { lineage, name, kind, began, ended, attributes, failure } = span;
    message.bytes(1, &lineage.context.trace);
    message.bytes(2, &lineage.context.span);
    if let Some(parent) = lineage.parent {
        message.bytes(4, &parent);
    }
    message.bytes(5, name.as_bytes());
    message.number(6, kind_number(*kind));
    message.fixed(7, nanos(*began));
    message.fixed(8, nanos(*ended));
    for (name, value) in attributes {
        attribute(message, 9, name, value);
    }
    if let Some(failure) = failure {
        message.message(15, |status| {
            status.bytes(2, failure.as_bytes());
            status.number(3, ERROR);
        });
    }
}

fn attribute(message: &mut Message, field: u64, name: &str, value: &Value) {
    message.message(field, |pair| {
        pair.bytes(1, name.as_bytes());
        pair.message(2, |any| match value {
            Value::Text(text) => any.bytes(1, text.as_bytes()),
            Value::Number(number) => any.number(3, *number),
        });
    });
}

const fn kind_number(kind: Kind) -> u64 {
    match kind {
        Kind::Internal => 1,
        Kind::Server => 2,
        Kind::Producer => 4,
    }
}

fn nanos(micros: i64) -> u64 {
    u64::try_from(micros).unwrap_or_default().saturating_mul(1000)
}

/// How many of the spans the answer to a request says were not taken.
pub(crate) fn rejected(answer: &[u8]) -> u64 {
    let Some(Found::Bytes(partial_success)) = protobuf::find(answer, 1) else { return 0 };
    match protobuf::find(partial_success, 1) {
        Some(Found::Number(rejected)) => rejected,
        _ => 0,
    }
}
