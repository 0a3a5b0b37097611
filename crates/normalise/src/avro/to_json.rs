use serde_json::{Map, Value as Json};

use crate::{
    avro::{Value, decode::Datum},
    plan::Plan,
    time::instant,
};

/// The named values as one JSON object.
pub(crate) fn object<'a>(fields: impl Iterator<Item = (&'a str, Value<'a>)>) -> Json {
    Json::Object(fields.map(|(name, value)| (name.to_owned(), plain(&value))).collect::<Map<_, _>>())
}

impl Plan {
    /// A datum of the record type with this index as plain JSON for people, as [`Event::to_json`](crate::Event::to_json) has it;
    /// bytes as text (what is not UTF-8 replaced).
    #[must_use]
    pub fn datum_to_json(&self, record: usize, datum: &[u8]) -> Json {
        let fields = self.records().get(record).map(|record| &*record.fields).unwrap_or_default();
        let mut rest = Datum(datum);
        object(fields.iter().map(|field| (field.name.as_str(), rest.value(field, self.unit()))))
    }
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
