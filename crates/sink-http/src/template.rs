//! JSON with places to be filled in.
//!
//! A text that begins with `$` stands for a value; the key `$identity` or `$lists` for keys and values; `{ $field: NAME }` for a
//! field of the record. What has no value is left out.

use serde_json::{Map, Value};

use crate::{event::Event, identity::Identity};

/// The values of one event.
pub(crate) struct Values<'a> {
    pub(crate) event: &'a Event,
    /// The event's name at the destination.
    pub(crate) name: &'a str,
    /// The person that the event is about, and the destination's word for that.
    pub(crate) identity: Option<(&'a Identity, &'a str)>,
    pub(crate) record: &'a Value,
    /// Changes to lists.
    pub(crate) lists: Option<&'a Map<String, Value>>,
}

impl Values<'_> {
    /// Fills in a template.
    pub(crate) fn fill(&self, template: &Value) -> Value {
        match template {
            Value::String(text) => self.text(text),
            Value::Array(items) => Value::Array(items.iter().map(|item| self.fill(item)).collect()),
            Value::Object(entries) => self.object(entries),
            other => other.clone(),
        }
    }

    fn object(&self, entries: &Map<String, Value>) -> Value {
        if let Some(Value::String(field)) = entries.get("$field") {
            return self.event.fields.get(field).cloned().unwrap_or_default();
        }
        let mut filled = Map::new();
        for (key, value) in entries {
            match key.as_str() {
                "$identity" => filled.extend(
                    self.identity.map(|(identity, name)| (name.to_owned(), identity.value.clone().into())),
                ),
                "$lists" => filled.extend(self.lists.cloned().unwrap_or_default()),
                _ => filled.extend(
                    [(key.clone(), self.fill(value))].into_iter().filter(|(_, value)| !value.is_null()),
                ),
            }
        }
        Value::Object(filled)
    }

    fn text(&self, text: &str) -> Value {
        match text {
            "$id" => self.event.id().into(),
            "$id-identify" => format!("{}-identify", self.event.id()).into(),
            "$name" => self.name.into(),
            "$type" => self.event.record.as_str().into(),
            "$subscription" => self.event.subscription.as_deref().unwrap_or(&self.event.key).into(),
            "$identity" => self.identity.map(|(identity, _)| identity.value.clone()).into(),
            "$time" => crate::json::instant(self.event.time).into(),
            "$received_at" => crate::json::instant(self.event.received_at).into(),
            "$record" => self.record.clone(),
            other => other.into(),
        }
    }
}
