//! Outcome of a body: an event with its record, or a dead letter.

pub(crate) mod identity;
mod nul;

pub use nul::without_nul;

use std::{fmt, sync::Arc};

use crate::{
    avro::{Edit, Value, decode::Datum, encode::encode, to_json},
    dead_letter::DeadLetter,
    event::identity::EventIdentity,
    json::Fingerprint,
    plan::Field,
    quirk::QuirkSeen,
    time::TimeUnit,
};

/// Outcome of a body.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// A record of its own type.
    Event(Event),
    /// No event, with the reason.
    DeadLetter(DeadLetter),
}

/// One flat record, read and typed. Owned, so that several sinks can share it.
#[derive(Clone)]
pub struct Event {
    /// Index of its record type among [`Plan::records`](crate::Plan::records).
    pub record: usize,
    /// The event's fingerprint; `None` for a test event.
    pub fingerprint: Option<Fingerprint>,
    /// The oddities met, in no promised order; at most [`Event::MAX_QUIRKS`].
    pub quirks: Vec<QuirkSeen>,
    pub(crate) identity: EventIdentity,
    pub(crate) fields: Arc<[Field]>,
    pub(crate) unit: TimeUnit,
    pub(crate) datum: Box<[u8]>,
}

impl Event {
    /// Most quirks that one event reports; a body of nothing but oddities can't fill the memory with their places.
    pub const MAX_QUIRKS: usize = 256;

    /// The sender's identifier of the notification, as sent.
    #[must_use]
    pub fn event_id(&self) -> &str {
        self.identity.event_id()
    }

    /// The event's type as resolved; of an unknown type: as sent.
    #[must_use]
    pub fn event_type(&self) -> &str {
        self.identity.event_type()
    }

    /// Key by which the event is partitioned and ordered: its calendar subscription, else its calendar entry, else
    /// its own identifier.
    #[must_use]
    pub fn key(&self) -> &str {
        self.identity.key()
    }

    /// The record's Avro datum, without any framing.
    #[must_use]
    pub fn datum(&self) -> &[u8] {
        &self.datum
    }

    /// Appends the record's Avro datum as `edit` wants each field, given its index among the record type's fields
    /// and its value.
    pub fn encode_edited(&self, out: &mut Vec<u8>, mut edit: impl FnMut(usize, &Value<'_>) -> Edit) {
        let mut rest = Datum(&self.datum);
        for (index, field) in self.fields.iter().enumerate() {
            let here = rest;
            let value = rest.value(field, self.unit);
            match (edit(index, &value), value) {
                (Edit::Text(text), Value::Text(_)) => encode(&Value::Text(text.into()), field, out),
                (Edit::Drop | Edit::Text(_), _) if field.nullable => encode(&Value::Null, field, out),
                _ => out.extend_from_slice(here.before(rest)),
            }
        }
    }

    /// The values of the record type's fields, in their order.
    #[must_use]
    pub fn values(&self) -> impl ExactSizeIterator<Item = Value<'_>> {
        let mut rest = Datum(&self.datum);
        self.fields.iter().map(move |field| rest.value(field, self.unit))
    }

    /// The record as plain JSON for people: no union wrappers, instants as ISO 8601 text.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        to_json::object(self.fields.iter().map(|field| field.name.as_str()).zip(self.values()))
    }
}

impl fmt::Debug for Event {
    /// Leaves every value out: they are somebody's personal data, and debug output ends up in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("record", &self.record)
            .field("event_id", &self.event_id())
            .field("event_type", &self.event_type())
            .finish_non_exhaustive()
    }
}
