//! Spans of an event's road, and how they leave: OTLP over HTTP with protobuf.
//!
//! Off, it costs one look at a flag. On, nothing ever waits for it: a span goes into a queue with a bound, a thread of its
//! own sends what is there, and what finds no room is dropped and counted. Knows no other part's work.
//!
//! Whoever makes a span takes care that there is neither a secret nor a personal value in it.

mod exporter;
mod metrics;
mod otlp;
mod settings;
mod span;
mod span_context;
mod trace_context;
mod tracer;
mod transport;

pub use metrics::Metrics;
pub use settings::Settings;
pub use span::{Attribute, Kind, Span, Value};
pub use span_context::SpanContext;
pub use trace_context::TraceContext;
pub use tracer::{StartError, Tracer};
