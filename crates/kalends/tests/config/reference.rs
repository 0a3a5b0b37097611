//! The page of all keys, made from the schema of configurations, and so from the settings' own documentation.

use std::fmt::Write;

use serde_json::Value;

const INTRODUCTION: &str = "\
# Configuration reference

Every key with its type, its default and its meaning, made from the settings themselves
(`KALENDS_BLESS=1 cargo test -p kalends --test config` writes this page anew; a test compares them).
[`config/kalends.full.yaml`](../../config/kalends.full.yaml) is the same as a file to copy from; `kalends config --schema` prints what an editor
completes and checks by; `kalends check -c FILE` tells everything that is wrong with yours, with line and column.

A file replaces the built-in configuration as a whole; a key that it leaves out takes the default below, an unknown key is an error. Each key can be
overridden by an environment variable, `KALENDS__` and the keys with `__` between: `KALENDS__SINKS__KAFKA__BROKERS`, and items of a list by
their number: `KALENDS__ENDPOINTS__MAIN__TOKENS__0__ENV`. `NAME` below is a name of yours (a to z, 0 to 9, _).
";

/// What the schema's own kinds of values are called here.
const KINDS: [(&str, &str); 6] = [
    ("Duration", "duration"),
    ("Size", "size"),
    ("Secret", "reference"),
    ("Text", "text or reference"),
    ("Network", "network"),
    ("Start", "start"),
];

/// The whole page.
pub(crate) fn page(schema: &Value) -> String {
    let reference = Reference { definitions: &schema["$defs"] };
    let mut page = INTRODUCTION.to_owned();
    page += "\n| kind of value | how it is written |\n|---|---|\n";
    for (name, shown) in KINDS {
        let how = reference.definitions[name]["description"].as_str().unwrap();
        writeln!(
            page,
            "| {shown} | {how}{} |",
            if name == "Secret" { " `{ env: NAME }` or `{ file: PATH }`." } else { "" }
        )
        .unwrap();
    }
    let mut single = String::new();
    for (key, property) in schema["properties"].as_object().unwrap() {
        if key == "sinks" {
            let meaning = sentences(property).0;
            for variant in reference.definitions["Sink"]["oneOf"].as_array().unwrap() {
                let kind = variant["properties"]["kind"]["const"].as_str().unwrap();
                let what = variant["description"].as_str().unwrap();
                writeln!(page, "\n## sinks, of kind {kind}\n\n{what} {meaning}\n").unwrap();
                page += &table(&reference.rows("sinks.NAME", variant));
            }
            continue;
        }
        let rows = match (reference.keys(property), property.get("additionalProperties")) {
            (Some(keys), _) => reference.rows(key, keys),
            (None, Some(each)) => reference.rows(&format!("{key}.NAME"), reference.keys(each).unwrap()),
            (None, None) => {
                single += &reference.row(key, property, false);
                continue;
            }
        };
        writeln!(page, "\n## {key}\n\n{}\n", sentences(property).0).unwrap();
        page += &table(&rows);
    }
    page + "\n## Single keys\n\n" + &table(&single)
}

fn table(rows: &str) -> String {
    format!("| key | type | default | meaning |\n|---|---|---|---|\n{rows}")
}

struct Reference<'a> {
    definitions: &'a Value,
}

impl<'a> Reference<'a> {
    /// What a reference within the schema leads to; everything else is itself.
    fn resolve(&self, property: &'a Value) -> &'a Value {
        let alternatives = property.get("anyOf").and_then(Value::as_array);
        let property = match alternatives.map(Vec::as_slice) {
            Some([one, other]) if other["type"] == "null" => one,
            _ => property,
        };
        let name = property.get("$ref").and_then(Value::as_str);
        name.map_or(property, |name| &self.definitions[name.rsplit('/').next().unwrap()])
    }

    /// The object whose keys stand under this one, if there are any. A reference to a secret counts as one value.
    fn keys(&self, property: &'a Value) -> Option<&'a Value> {
        let object = self.resolve(property);
        if let Some(alternatives) = object.get("anyOf").and_then(Value::as_array) {
            return alternatives.iter().find_map(|alternative| self.keys(alternative));
        }
        (object.get("properties").is_some() && *object != self.definitions["Secret"]).then_some(object)
    }

    fn rows(&self, path: &str, object: &'a Value) -> String {
        let needed = |key: &str| {
            object["required"].as_array().is_some_and(|keys| keys.iter().any(|other| other == key))
        };
        let mut rows = String::new();
        for (key, property) in object["properties"].as_object().unwrap() {
            let path = format!("{path}.{key}");
            match self.keys(property) {
                Some(keys) => {
                    if property.get("anyOf").is_some() || self.resolve(property).get("anyOf").is_some() {
                        rows += &self.row(&path, property, false);
                    }
                    rows += &self.rows(&path, keys);
                }
                None => rows += &self.row(&path, property, needed(key)),
            }
        }
        rows
    }

    fn row(&self, path: &str, property: &'a Value, is_needed: bool) -> String {
        let (meaning, told) = sentences(property);
        let default = match property.get("default") {
            _ if is_needed => "none: it is needed".to_owned(),
            Some(Value::String(text)) => format!("`{text}`"),
            Some(value) if value.as_array().is_some_and(Vec::is_empty) => {
                format!("`[]`{}", told.map(|told| format!(": {told}")).unwrap_or_default())
            }
            Some(value) => format!("`{value}`"),
            None => told.unwrap_or("none".to_owned()),
        };
        let meaning = if meaning.is_empty() { "What the sink is." } else { &meaning };
        format!("| `{path}` | {} | {default} | {meaning} |\n", self.kind(property))
    }

    fn kind(&self, property: &'a Value) -> String {
        let resolved = self.resolve(property);
        if let Some((_, shown)) = KINDS.iter().find(|(name, _)| self.definitions[*name] == *resolved) {
            return (*shown).to_owned();
        }
        if let Some(values) = resolved.get("enum").and_then(Value::as_array) {
            let word = |value: &Value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
            let values: Vec<_> = values.iter().map(|value| format!("`{}`", word(value))).collect();
            return values.join(", ");
        }
        if let Some(alternatives) = resolved.get("anyOf").and_then(Value::as_array) {
            let kinds: Vec<_> = alternatives.iter().map(|alternative| self.kind(alternative)).collect();
            return kinds.join(" or ");
        }
        if let Some(value) = resolved.get("const").and_then(Value::as_str) {
            return format!("`{value}`");
        }
        if resolved.get("properties").is_some() {
            return "map".to_owned();
        }
        if let Some(each) = resolved.get("items") {
            return format!("list of {}", self.kind(each));
        }
        if let Some(each) = resolved.get("additionalProperties") {
            return format!("map of {}", self.kind(each));
        }
        let kind = &resolved["type"];
        let is = |name: &str| {
            kind == name || kind.as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == name))
        };
        [("integer", "whole number"), ("number", "number"), ("boolean", "true or false"), ("string", "text")]
            .into_iter()
            .find_map(|(name, shown)| is(name).then(|| shown.to_owned()))
            .unwrap()
    }
}

/// A key's description without what it says of its default and its age; and its default in words.
fn sentences(property: &Value) -> (String, Option<String>) {
    let text = property["description"].as_str().unwrap_or_default().replace('\n', " ");
    let text = text.split(" Since ").next().unwrap();
    let Some((meaning, default)) = text.rsplit_once("Default") else { return (text.to_owned(), None) };
    let default = default.trim_start_matches(':').trim().trim_end_matches('.');
    (meaning.trim().to_owned(), Some(default.to_owned()))
}
