use std::{sync::Arc, time::Instant};

use kalends_trace::{Kind, Span, SpanContext, Tracer, Value};

use crate::{
    Endpoint,
    answer::{refusal::Refusal, response},
    request::webhook::{Authentic, Webhook},
};

/// The span of an authentic request, from its head to its answer, and one of its stay in the journal's queue. Neither holds
/// anything that the sender wrote: its path may be a credential.
pub(crate) struct RequestSpan {
    tracer: Tracer,
    context: SpanContext,
    endpoint: Arc<Endpoint>,
    received_at: i64,
    started: Instant,
    position: Option<u64>,
}

impl RequestSpan {
    /// `None` when nobody wants it.
    pub(crate) fn begin(tracer: &Tracer, webhook: &Webhook<'_, Authentic>) -> Option<Self> {
        if !tracer.is_on() {
            return None;
        }
        Some(Self {
            context: tracer.request(webhook.traceparent())?,
            tracer: tracer.clone(),
            endpoint: Arc::clone(webhook.endpoint()),
            received_at: webhook.received_at(),
            started: Instant::now(),
            position: None,
        })
    }

    /// The context that is kept with the event, so that later work for it stands below this span.
    pub(crate) fn traceparent(&self) -> String {
        self.context.trace_context.to_string()
    }

    /// The receipt has been given to the journal at `appended`, and is durable now.
    pub(crate) fn stored(&mut self, position: u64, appended: Instant) {
        self.position = Some(position);
        let Some(context) = self.context.child() else { return };
        self.tracer.record(Span {
            context,
            name: "append to journal",
            kind: Kind::Internal,
            began: self.time(appended),
            ended: self.time(Instant::now()),
            attributes: vec![("kalends.journal.position", Value::Number(position))],
            failure: None,
        });
    }

    /// The request has its answer.
    pub(crate) fn end(self, outcome: Result<(), Refusal>) {
        let status = response::status_of(outcome);
        let mut attributes = vec![
            ("http.request.method", Value::Text("POST".into())),
            ("http.response.status_code", Value::Number(status.as_u16().into())),
            ("kalends.endpoint", Value::Text(self.endpoint.name.clone().into())),
        ];
        attributes.extend(self.position.map(|at| ("kalends.journal.position", Value::Number(at))));
        let refusal = outcome.err().map(Refusal::reason);
        attributes.extend(refusal.map(|reason| ("kalends.refusal", Value::Text(reason.into()))));
        self.tracer.record(Span {
            context: self.context,
            name: "receive webhook",
            kind: Kind::Server,
            began: self.received_at,
            ended: self.time(Instant::now()),
            attributes,
            failure: refusal.filter(|_| status.is_server_error()),
        });
    }

    /// The wall clock's time of an instant after the beginning.
    fn time(&self, instant: Instant) -> i64 {
        let after = instant.saturating_duration_since(self.started).as_micros();
        self.received_at.saturating_add(i64::try_from(after).unwrap_or(i64::MAX))
    }
}
