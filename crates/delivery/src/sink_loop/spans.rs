use std::mem;

use kalends_sink::{Failure, Record, Stream};
use kalends_trace::{Attribute, Kind, Span, SpanContext, Tracer, Value};

use crate::runtime::clock::Clock;

/// Most records of one commit that have spans; further ones are counted as dropped.
const MAX_SPANS: usize = 512;

/// The spans of the records that a sink has been given and has not committed yet: one for each whose request is traced,
/// from its writing until its commit has come to an end.
pub(crate) struct Spans {
    tracer: Tracer,
    sink: String,
    clock: Clock,
    open: Vec<Open>,
    /// Records since the last commit, traced or not.
    records: usize,
}

struct Open {
    context: SpanContext,
    began: i64,
    position: u64,
    topic: String,
}

impl Spans {
    pub(crate) fn new(tracer: Tracer, sink: &str, clock: Clock) -> Self {
        Self { tracer, sink: sink.to_owned(), clock, open: Vec::new(), records: 0 }
    }

    /// These records are about to be written.
    pub(crate) fn writing(&mut self, records: &[Record<'_>], streams: &[Stream]) {
        if !self.tracer.is_on() {
            return;
        }
        let began = self.clock.now();
        self.records += records.len();
        let mut dropped = 0;
        for record in records {
            let Some(context) = record.traceparent.and_then(|parent| self.tracer.follow(parent)) else {
                continue;
            };
            if self.open.len() == MAX_SPANS {
                dropped += 1;
                continue;
            }
            let topic = streams.get(record.stream).map(|stream| stream.topic.to_string()).unwrap_or_default();
            self.open.push(Open { context, began, position: record.position, topic });
        }
        if dropped > 0 {
            self.tracer.note_dropped(dropped);
        }
    }

    /// They are committed.
    pub(crate) fn committed(&mut self) {
        self.end(None);
    }

    /// They are not, and will be written again.
    pub(crate) fn failed(&mut self, failure: &Failure) {
        self.end(Some(match failure {
            Failure::Retry { .. } => "retry",
            Failure::Hold { .. } => "hold",
            Failure::Data { .. } | Failure::Refused { .. } => "data",
        }));
    }

    fn end(&mut self, failure: Option<&'static str>) {
        let records = u64::try_from(mem::take(&mut self.records)).unwrap_or(u64::MAX);
        if self.open.is_empty() {
            return;
        }
        let ended = self.clock.now();
        for Open { context, began, position, topic } in mem::take(&mut self.open) {
            let attributes: Vec<Attribute> = vec![
                ("kalends.sink", Value::Text(self.sink.clone().into())),
                ("kalends.journal.position", Value::Number(position)),
                ("messaging.destination.name", Value::Text(topic.into())),
                ("messaging.batch.message_count", Value::Number(records)),
            ];
            self.tracer.record(Span {
                context,
                name: "deliver to sink",
                kind: Kind::Producer,
                began,
                ended,
                attributes,
                failure,
            });
        }
    }
}
