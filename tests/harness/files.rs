//! Reading Avro object container files back.

use std::{collections::BTreeMap, fs::File, io::BufReader, path::Path};

use anyhow::Context;
use apache_avro::{Reader, types::Value};

use crate::tree::files_under;

/// A record as a reader of any sink sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The topic it landed on.
    pub topic: String,
    /// The message's key; the files sink has none.
    pub key: Option<String>,
    /// Its fields by name, with nullable values unwrapped.
    pub fields: BTreeMap<String, Value>,
}

impl Record {
    /// A record on `topic` with the fields of a decoded Avro record.
    ///
    /// # Errors
    /// `value` is no Avro record.
    pub fn new(topic: &str, key: Option<String>, value: Value) -> anyhow::Result<Self> {
        let Value::Record(fields) = value else { anyhow::bail!("no Avro record on {topic}: {value:?}") };
        let fields = fields.into_iter().map(|(name, value)| (name, unwrapped(value))).collect();
        Ok(Self { topic: topic.to_owned(), key, fields })
    }

    /// A field's text; `None` when it is null or no text.
    #[must_use]
    pub fn text(&self, field: &str) -> Option<&str> {
        match self.fields.get(field) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// The fields that are not null, as JSON; instants as numbers in their schema's unit.
    #[must_use]
    pub fn present(&self) -> BTreeMap<String, serde_json::Value> {
        let present = self.fields.iter().filter(|(_, value)| **value != Value::Null);
        present.map(|(name, value)| (name.clone(), json(value))).collect()
    }

    /// A field's whole number (instants in their schema's unit); `None` when it is null or no number.
    #[must_use]
    pub fn number(&self, field: &str) -> Option<i64> {
        match self.fields.get(field)? {
            Value::Int(number) => Some(i64::from(*number)),
            Value::Long(number) | Value::TimestampMillis(number) | Value::TimestampMicros(number) => {
                Some(*number)
            }
            _ => None,
        }
    }

    /// A field's bytes; `None` when it is null or not of bytes.
    #[must_use]
    pub fn bytes(&self, field: &str) -> Option<&[u8]> {
        match self.fields.get(field) {
            Some(Value::Bytes(bytes)) => Some(bytes),
            _ => None,
        }
    }
}

/// All records in the `.avro` files of a files sink's directory; the topic is the folder's name. Unpublished parts don't count.
///
/// # Errors
/// A file can't be read to its end.
pub fn records_under(directory: &Path) -> anyhow::Result<Vec<Record>> {
    let mut records = Vec::new();
    for file in files_under(directory)? {
        let inside = file.strip_prefix(directory)?;
        let topic = inside.iter().next().map(|t| t.to_string_lossy().into_owned()).unwrap_or_default();
        if topic == ".kalends" || file.extension().is_none_or(|ending| ending != "avro") {
            continue;
        }
        for value in Reader::new(BufReader::new(File::open(&file)?))? {
            let value = value.with_context(|| format!("can't read {} to its end", file.display()))?;
            records.push(Record::new(&topic, None, value)?);
        }
    }
    Ok(records)
}

fn unwrapped(value: Value) -> Value {
    match value {
        Value::Union(_, value) => unwrapped(*value),
        Value::Array(items) => Value::Array(items.into_iter().map(unwrapped).collect()),
        other => other,
    }
}

fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::String(text) => text.as_str().into(),
        Value::Boolean(truth) => (*truth).into(),
        Value::Int(number) => (*number).into(),
        Value::Long(number) | Value::TimestampMillis(number) | Value::TimestampMicros(number) => {
            (*number).into()
        }
        Value::Bytes(bytes) => bytes.as_slice().into(),
        Value::Array(items) => items.iter().map(json).collect(),
        other => format!("{other:?}").into(),
    }
}
