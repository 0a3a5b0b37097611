//! The record of an event at the destination: names there, and the values that they stand for.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::{event::Event, kind::Mapped, template::Values};

/// Texts that stand for something that no field of the record has.
pub(crate) const PLACES: [&str; 5] = ["$id", "$name", "$type", "$time", "$received_at"];

/// The names at the destination: those of the preset, with those of the configuration over them. `None`: the whole record.
pub(crate) fn merge(
    preset: Option<&BTreeMap<String, Mapped>>,
    own: Option<&BTreeMap<String, Mapped>>,
) -> Option<BTreeMap<String, Mapped>> {
    let mut merged = preset.cloned();
    for (name, mapped) in own.into_iter().flatten() {
        merged.get_or_insert_default().insert(name.clone(), mapped.clone());
    }
    merged
}

/// The record of an event at the destination. What has no value is left out, unless the whole record is wanted.
pub(crate) fn record(map: Option<&BTreeMap<String, Mapped>>, event: &Event, name: &str) -> Value {
    let Some(map) = map else { return Value::Object(event.fields.clone()) };
    let values = Values { event, name, identity: None, record: &Value::Null, lists: None };
    let mut record = Map::new();
    for (name, mapped) in map {
        let value = match mapped {
            Mapped::Field(field) if field.starts_with('$') => values.fill(&Value::String(field.clone())),
            Mapped::Field(field) => event.fields.get(field).cloned().unwrap_or_default(),
            Mapped::Constant(value) => value.clone(),
            Mapped::Omitted => Value::Null,
        };
        if !value.is_null() {
            put(&mut record, name, value);
        }
    }
    Value::Object(record)
}

/// The steps of a name: one that begins with `/` is a JSON Pointer, and leads through objects.
pub(crate) fn steps(name: &str) -> Vec<String> {
    match name.strip_prefix('/') {
        None => vec![name.to_owned()],
        Some(pointer) => pointer.split('/').map(|step| step.replace("~1", "/").replace("~0", "~")).collect(),
    }
}

fn put(record: &mut Map<String, Value>, name: &str, value: Value) {
    let steps = steps(name);
    let Some((last, above)) = steps.split_last() else { return };
    let mut object = record;
    for step in above {
        let entry = object.entry(step.clone()).or_insert_with(|| Value::Object(Map::new()));
        let Value::Object(inner) = entry else { return };
        object = inner;
    }
    object.insert(last.clone(), value);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::event::tests::event;

    fn map(entries: &[(&str, Mapped)]) -> BTreeMap<String, Mapped> {
        entries.iter().map(|(name, mapped)| ((*name).to_owned(), mapped.clone())).collect()
    }

    #[test]
    fn a_record_has_the_names_that_are_mapped_fields_constants_and_what_lies_deeper() {
        let event = event("Subscribe", json!({ "source": "web", "country_code": null }));
        let field = |name: &str| Mapped::Field(name.to_owned());
        let map = map(&[
            ("from", field("source")),
            ("/person/country", field("country_code")),
            ("/person/origin", Mapped::Constant(json!("rokt"))),
            ("id", field("$id")),
            ("kind", field("$name")),
            ("not", Mapped::Omitted),
        ]);
        assert_eq!(
            record(Some(&map), &event, "joined"),
            json!({ "from": "web", "person": { "origin": "rokt" }, "id": event.id(), "kind": "joined" })
        );
        assert_eq!(record(None, &event, "x"), json!({ "source": "web", "country_code": null }));
    }

    #[test]
    fn the_configuration_has_the_last_word_over_a_preset_s_names() {
        let preset = map(&[("a", Mapped::Field("x".into())), ("b", Mapped::Field("y".into()))]);
        let own = map(&[("b", Mapped::Omitted), ("c", Mapped::Field("z".into()))]);
        let merged = merge(Some(&preset), Some(&own)).unwrap();
        assert_eq!(merged["a"], Mapped::Field("x".into()));
        assert_eq!(merged["b"], Mapped::Omitted);
        assert_eq!(merge(None, Some(&own)).unwrap(), own);
        assert_eq!(merge(None, None), None);
    }
}
