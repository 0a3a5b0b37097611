use std::{borrow::Cow, collections::BTreeSet};

use kalends_sink::{SinkKind, SinkKinds};
use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, json_schema};
use serde_json::{Map, Value, json};

use super::{Settings, sink::Common};

/// The JSON Schema of the configuration, for editors.
#[must_use]
pub fn json_schema(kinds: SinkKinds) -> String {
    format!("{:#}", value(kinds))
}

/// The JSON Schema of the configuration.
pub(crate) fn value(kinds: SinkKinds) -> Value {
    let mut generator = SchemaSettings::default().into_generator();
    let variants: Vec<Schema> = kinds.iter().map(|kind| variant(*kind, &mut generator)).collect();
    let sinks = json!({
        "description": "A destination; the key `kind` says which.",
        "oneOf": variants,
    });
    let mut root = generator.into_root_schema_for::<Settings>().to_value();
    if let Some(definitions) = root.get_mut("$defs").and_then(Value::as_object_mut) {
        definitions.insert(AnySink::schema_name().into_owned(), sinks);
    }
    if let Some(root) = root.as_object_mut() {
        root.insert("title".to_owned(), "Configuration of kalends".into());
    }
    root
}

/// A sink of one kind: its own keys, `kind`, and the common keys that the kind takes.
fn variant(kind: &dyn SinkKind, generator: &mut SchemaGenerator) -> Schema {
    let mut schema = kind.schema(generator);
    let common = Common::json_schema(generator);
    let all = common.get("properties").and_then(Value::as_object);
    let taken = kind.common();
    let mut properties =
        schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_else(Map::new);
    properties.insert("kind".to_owned(), json!({ "type": "string", "const": kind.name() }));
    for key in taken.taken {
        let property = all.and_then(|all| all.get(key.name())).cloned();
        properties.extend(property.map(|property| (key.name().to_owned(), property)));
    }
    let defaults = [("start", json!(taken.start)), ("required", json!(taken.required))];
    for (key, default) in defaults {
        if let Some(property) = properties.get_mut(key).and_then(Value::as_object_mut) {
            property.insert("default".to_owned(), default);
        }
    }
    let needed = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let needed: Vec<Value> = [json!("kind")].into_iter().chain(needed).collect();
    schema.insert("properties".to_owned(), properties.into());
    schema.insert("required".to_owned(), needed.into());
    schema
}

/// Stands for the sinks in the schema of [`Settings`], until the kinds are known.
pub(crate) enum AnySink {}

impl JsonSchema for AnySink {
    fn schema_name() -> Cow<'static, str> {
        "Sink".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({})
    }
}

/// The keys under which names of the operator's choice stand.
pub(crate) fn keys_of_names(schema: &Value) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    collect(schema, &mut keys);
    keys
}

fn collect(schema: &Value, keys: &mut BTreeSet<String>) {
    match schema {
        Value::Array(all) => all.iter().for_each(|one| collect(one, keys)),
        Value::Object(object) => {
            let properties = object.get("properties").and_then(Value::as_object);
            for (key, property) in properties.into_iter().flatten() {
                if property.get("additionalProperties").is_some_and(Value::is_object) {
                    keys.insert(key.clone());
                }
            }
            object.values().for_each(|one| collect(one, keys));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_names_are_those_whose_keys_the_operator_chooses() {
        let keys = keys_of_names(&value(crate::test_kinds::KINDS));
        let expected = ["attributes", "endpoints", "fields", "headers", "names", "properties", "sinks"];
        assert_eq!(keys.iter().map(String::as_str).collect::<Vec<_>>(), expected);
    }
}
