use apache_avro::types::Value;
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

/// A datum as plain JSON for people and `jq`.
pub(super) fn of(value: Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Boolean(value) => value.into(),
        Value::Int(value) | Value::Date(value) | Value::TimeMillis(value) => value.into(),
        Value::Long(value)
        | Value::TimeMicros(value)
        | Value::LocalTimestampMillis(value)
        | Value::LocalTimestampMicros(value)
        | Value::LocalTimestampNanos(value) => value.into(),
        Value::Float(value) => value.into(),
        Value::Double(value) => value.into(),
        Value::Bytes(bytes) | Value::Fixed(_, bytes) => of_bytes(bytes),
        Value::String(text) | Value::Enum(_, text) => text.into(),
        Value::Union(_, value) => of(*value),
        Value::Array(items) => items.into_iter().map(of).collect(),
        Value::Map(entries) => {
            entries.into_iter().map(|(key, value)| (key, of(value))).collect::<Map<_, _>>().into()
        }
        Value::Record(fields) => {
            fields.into_iter().map(|(name, value)| (name, of(value))).collect::<Map<_, _>>().into()
        }
        Value::TimestampMillis(value) => instant(Timestamp::from_millisecond(value), value),
        Value::TimestampMicros(value) => instant(Timestamp::from_microsecond(value), value),
        Value::TimestampNanos(value) => instant(Timestamp::from_nanosecond(value.into()), value),
        Value::Uuid(uuid) => uuid.to_string().into(),
        other => format!("{other:?}").into(),
    }
}

/// RFC 3339 in UTC; an instant beyond the calendar stays a number.
fn instant(instant: Result<Timestamp, jiff::Error>, value: i64) -> Json {
    instant.map_or_else(|_| value.into(), |instant| instant.to_string().into())
}

fn of_bytes(bytes: Vec<u8>) -> Json {
    String::from_utf8(bytes)
        .map_or_else(|error| json!({ "base64": STANDARD.encode(error.as_bytes()) }), Into::into)
}

#[cfg(test)]
mod tests {
    use apache_avro::types::Value;
    use serde_json::json;

    use super::of;

    #[test]
    fn a_record_is_plain_json() {
        let union = |value| Value::Union(1, Box::new(value));
        let record = Value::Record(vec![
            ("text".into(), union(Value::String("x".into()))),
            ("null".into(), Value::Union(0, Box::new(Value::Null))),
            ("millis".into(), Value::TimestampMillis(1_500)),
            ("micros".into(), union(Value::TimestampMicros(-1))),
            ("texts".into(), union(Value::Array(vec![Value::String("a".into())]))),
            ("utf8".into(), Value::Bytes(b"{}".to_vec())),
            ("binary".into(), Value::Bytes(vec![0xFF])),
            ("far".into(), Value::TimestampMillis(i64::MAX)),
        ]);
        let expected = json!({
            "text": "x", "null": null, "millis": "1970-01-01T00:00:01.5Z", "micros": "1969-12-31T23:59:59.999999Z",
            "texts": ["a"], "utf8": "{}", "binary": { "base64": "/w==" }, "far": i64::MAX,
        });
        assert_eq!(of(record), expected);
    }
}
