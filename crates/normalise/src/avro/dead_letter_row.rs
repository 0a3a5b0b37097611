//! The record of a dead letter.

use crate::{
    avro::{Value, encode::encode, to_json},
    meta::Meta,
    plan::{
        Field, Plan,
        record::{DeadLetterField, MetaField, Origin},
    },
};

/// Content of a dead letter's record.
#[derive(Clone, Copy)]
pub struct DeadLetterRow<'a> {
    /// Origin of the body.
    pub meta: Meta<'a>,
    /// Reason why there is no record: [`Reason::as_str`](crate::Reason::as_str), or a sink's own.
    pub reason: &'a str,
    /// The fault and its place, in words.
    pub message: &'a str,
    /// Length of the body as received, in bytes.
    pub body_bytes: u64,
    /// The body as received; `None` when it would not fit.
    pub body: Option<&'a [u8]>,
    /// The sender's identifier of the notification, where it is known.
    pub event_id: Option<&'a str>,
    /// The event's type, where it is known.
    pub event_type: Option<&'a str>,
}

impl Plan {
    /// Appends the Avro datum of a dead letter's record, whose type is [`Plan::dead_letter`].
    pub fn encode_dead_letter(&self, row: &DeadLetterRow<'_>, out: &mut Vec<u8>) {
        for field in self.dead_letter_fields() {
            encode(&self.value(field, row), field, out);
        }
    }

    /// A dead letter's record as plain JSON for people: instants as ISO 8601 text, the body as text (what is not UTF-8
    /// replaced).
    #[must_use]
    pub fn dead_letter_to_json(&self, row: &DeadLetterRow<'_>) -> serde_json::Value {
        let fields = self.dead_letter_fields().iter();
        to_json::object(fields.map(|field| (field.name.as_str(), self.value(field, row))))
    }

    fn dead_letter_fields(&self) -> &[Field] {
        self.records().get(self.dead_letter()).map(|record| &*record.fields).unwrap_or_default()
    }

    fn value<'a>(&self, field: &Field, row: &DeadLetterRow<'a>) -> Value<'a> {
        match field.origin {
            Origin::Meta(meta) => self.meta_value(meta, &row.meta),
            Origin::DeadLetterField(letter) => letter_value(letter, row),
            _ => Value::Null,
        }
    }

    /// The value of a field that says where the body came from.
    pub(crate) fn meta_value<'a>(&self, field: MetaField, meta: &Meta<'a>) -> Value<'a> {
        match field {
            MetaField::Endpoint => Value::Text(meta.endpoint.into()),
            MetaField::JournalId => Value::Text(meta.journal_id.into()),
            MetaField::JournalShard => Value::Int(i32::try_from(meta.shard).unwrap_or(i32::MAX)),
            MetaField::JournalPosition => Value::Long(i64::try_from(meta.position).unwrap_or(i64::MAX)),
            MetaField::ReceivedAt => self.unit().of_micros(meta.received_at),
        }
    }
}

fn letter_value<'a>(field: DeadLetterField, row: &DeadLetterRow<'a>) -> Value<'a> {
    let text = |text: Option<&'a str>| text.map_or(Value::Null, |text| Value::Text(text.into()));
    match field {
        DeadLetterField::Reason => text(Some(row.reason)),
        DeadLetterField::Message => text(Some(row.message)),
        DeadLetterField::EventId => text(row.event_id),
        DeadLetterField::EventType => text(row.event_type),
        DeadLetterField::BodyBytes => Value::Long(i64::try_from(row.body_bytes).unwrap_or(i64::MAX)),
        DeadLetterField::Body => row.body.map_or(Value::Null, |body| Value::Bytes(body.into())),
    }
}
