use std::collections::BTreeSet;

use serde_json::Value;

use super::Settings;

/// The JSON Schema of the configuration, for editors.
#[must_use]
pub fn json_schema() -> String {
    format!("{:#}", value())
}

/// The JSON Schema of the configuration.
pub(crate) fn value() -> Value {
    let mut schema = schemars::schema_for!(Settings);
    schema.insert("title".to_owned(), "Configuration of kalends".into());
    schema.to_value()
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
        let keys = keys_of_names(&value());
        let expected = ["attributes", "endpoints", "fields", "headers", "names", "properties", "sinks"];
        assert_eq!(keys.iter().map(String::as_str).collect::<Vec<_>>(), expected);
    }
}
