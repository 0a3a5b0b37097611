use apache_avro::types::Value;
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::SignedDuration;
use serde::{Serialize, Serializer, ser::SerializeMap};

use crate::output::instant;

/// A datum that serialises as plain JSON for people and `jq`, fields in the order of the schema.
pub(super) struct Plain<'a>(pub(super) &'a Value);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null => to.serialize_unit(),
            Value::Boolean(value) => to.serialize_bool(*value),
            Value::Int(value) | Value::Date(value) | Value::TimeMillis(value) => to.serialize_i32(*value),
            Value::Long(value)
            | Value::TimeMicros(value)
            | Value::LocalTimestampMillis(value)
            | Value::LocalTimestampMicros(value)
            | Value::LocalTimestampNanos(value) => to.serialize_i64(*value),
            Value::Float(value) => to.serialize_f32(*value),
            Value::Double(value) => to.serialize_f64(*value),
            Value::Bytes(bytes) | Value::Fixed(_, bytes) => serialize_bytes(bytes, to),
            Value::String(text) | Value::Enum(_, text) => to.serialize_str(text),
            Value::Union(_, value) => Plain(value).serialize(to),
            Value::Array(items) => to.collect_seq(items.iter().map(Plain)),
            Value::Map(entries) => to.collect_map(entries.iter().map(|(key, value)| (key, Plain(value)))),
            Value::Record(fields) => to.collect_map(fields.iter().map(|(name, value)| (name, Plain(value)))),
            Value::TimestampMillis(value) => {
                serialize_instant(SignedDuration::from_millis(*value), *value, to)
            }
            Value::TimestampMicros(value) => {
                serialize_instant(SignedDuration::from_micros(*value), *value, to)
            }
            Value::TimestampNanos(value) => serialize_instant(SignedDuration::from_nanos(*value), *value, to),
            Value::Uuid(uuid) => to.collect_str(uuid),
            other => to.collect_str(&format_args!("{other:?}")),
        }
    }
}

/// RFC 3339 in UTC, of the time since the Unix epoch; an instant beyond the calendar stays a number.
fn serialize_instant<S: Serializer>(since: SignedDuration, value: i64, to: S) -> Result<S::Ok, S::Error> {
    match instant::rfc3339(since) {
        Some(instant) => to.serialize_str(&instant),
        None => to.serialize_i64(value),
    }
}

fn serialize_bytes<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return to.serialize_str(text);
    }
    let mut map = to.serialize_map(Some(1))?;
    map.serialize_entry("base64", &STANDARD.encode(bytes))?;
    map.end()
}

#[cfg(test)]
mod tests {
    use apache_avro::types::Value;

    use super::Plain;

    #[test]
    fn a_record_is_plain_json_in_the_order_of_its_schema() {
        let union = |value| Value::Union(1, Box::new(value));
        let record = Value::Record(vec![
            ("text".into(), union(Value::String("x".into()))),
            ("null".into(), Value::Union(0, Box::new(Value::Null))),
            ("millis".into(), Value::TimestampMillis(1_500)),
            ("micros".into(), union(Value::TimestampMicros(-1))),
            ("texts".into(), union(Value::Array(vec![Value::String("a".into())]))),
            ("utf8".into(), Value::Bytes(b"{}".to_vec())),
            ("binary".into(), Value::Bytes(vec![0xFF])),
            ("last".into(), Value::TimestampMillis(253_402_300_799_999)),
            ("last_micro".into(), union(Value::TimestampMicros(253_402_300_799_999_999))),
            ("first".into(), Value::TimestampMillis(-62_135_596_800_000)),
            ("far".into(), Value::TimestampMillis(i64::MAX)),
        ]);
        let expected = concat!(
            r#"{"text":"x","null":null,"millis":"1970-01-01T00:00:01.5Z","micros":"1969-12-31T23:59:59.999999Z","#,
            r#""texts":["a"],"utf8":"{}","binary":{"base64":"/w=="},"#,
            r#""last":"9999-12-31T23:59:59.999Z","last_micro":"9999-12-31T23:59:59.999999Z","#,
            r#""first":"0001-01-01T00:00:00Z","far":9223372036854775807}"#
        );
        assert_eq!(serde_json::to_string(&Plain(&record)).unwrap(), expected);
    }
}
