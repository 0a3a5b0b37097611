use serde_json::{Map, Value as Json};

use crate::{avro::Value, time::instant};

/// The named values as one JSON object.
pub(crate) fn object<'a>(fields: impl Iterator<Item = (&'a str, Value<'a>)>) -> Json {
    Json::Object(fields.map(|(name, value)| (name.to_owned(), plain(&value))).collect::<Map<_, _>>())
}

fn plain(value: &Value<'_>) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Text(text) => Json::from(text.as_ref()),
        Value::Boolean(value) => Json::from(*value),
        Value::Int(value) => Json::from(*value),
        Value::Long(value) => Json::from(*value),
        Value::Double(value) => Json::from(*value),
        Value::Millis(value) => Json::from(instant::instant_text(*value, 1_000)),
        Value::Micros(value) => Json::from(instant::instant_text(*value, 1_000_000)),
        Value::Texts(texts) => texts.iter().map(AsRef::as_ref).map(Json::from).collect(),
        Value::Bytes(bytes) => Json::from(String::from_utf8_lossy(bytes).into_owned()),
    }
}
