//! From values to an Avro datum, as the fields' types say: the union's branch where it is a union, then the value.

use std::borrow::Cow;

use crate::{avro::Value, plan::Field};

/// Appends a field's value.
pub(crate) fn encode(value: &Value<'_>, field: &Field, out: &mut Vec<u8>) {
    if field.nullable {
        out.push(if matches!(value, Value::Null) { 0 } else { 2 });
    }
    match value {
        Value::Null => {}
        Value::Text(text) => encode_bytes(text.as_bytes(), out),
        Value::Bytes(bytes) => encode_bytes(bytes, out),
        Value::Boolean(value) => out.push(u8::from(*value)),
        Value::Int(value) => encode_long(i64::from(*value), out),
        Value::Long(value) | Value::Millis(value) | Value::Micros(value) => encode_long(*value, out),
        Value::Double(value) => out.extend_from_slice(&value.to_le_bytes()),
        Value::Texts(texts) => encode_texts(texts, out),
    }
}

fn encode_texts(texts: &[Cow<'_, str>], out: &mut Vec<u8>) {
    if !texts.is_empty() {
        encode_length(texts.len(), out);
        for text in texts {
            encode_bytes(text.as_bytes(), out);
        }
    }
    out.push(0);
}

fn encode_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    encode_length(bytes.len(), out);
    out.extend_from_slice(bytes);
}

fn encode_length(length: usize, out: &mut Vec<u8>) {
    encode_long(i64::try_from(length).unwrap_or(i64::MAX), out);
}

fn encode_long(value: i64, out: &mut Vec<u8>) {
    let mut rest = (value.cast_unsigned() << 1) ^ (value >> 63).cast_unsigned();
    while rest > 0x7f {
        out.push(u8::try_from(rest & 0x7f).unwrap_or_default() | 0x80);
        rest >>= 7;
    }
    out.push(u8::try_from(rest).unwrap_or_default());
}
