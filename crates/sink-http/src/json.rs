//! A record's values as JSON.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use kalends_sink::FieldValue;
use serde_json::Value;

/// A field's value: instants as text of RFC 3339 in UTC, bytes as base64.
pub(crate) fn value(value: FieldValue<'_>) -> Value {
    match value {
        FieldValue::Null => Value::Null,
        FieldValue::Boolean(truth) => truth.into(),
        FieldValue::Int(number) => number.into(),
        FieldValue::Long(number) => number.into(),
        FieldValue::Double(number) => number.into(),
        FieldValue::Instant(at) => at.micros().map(instant).into(),
        FieldValue::Text(text) => text.into(),
        FieldValue::Bytes(bytes) => STANDARD.encode(bytes).into(),
        FieldValue::Texts(texts) => texts.iter().collect::<Vec<_>>().into(),
    }
}

/// An instant in microseconds since the Unix epoch as text; those that no calendar has are the epoch.
pub(crate) fn instant(micros: i64) -> String {
    Timestamp::from_microsecond(micros).unwrap_or_default().to_string()
}
