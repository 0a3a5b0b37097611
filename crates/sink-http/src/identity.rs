//! The person that an event is about.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Longest value that identifies somebody, in bytes.
const LONGEST: usize = 1024;

/// The field that identifies somebody, and its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    pub(crate) field: String,
    pub(crate) value: String,
}

/// The first of `fields` that a record has.
pub(crate) fn find(fields: &[String], record: &Map<String, Value>) -> Option<Identity> {
    fields.iter().find_map(|field| {
        let value = match record.get(field)? {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        let is_usable = !value.is_empty() && value.len() <= LONGEST;
        is_usable.then(|| Identity { field: field.clone(), value })
    })
}
