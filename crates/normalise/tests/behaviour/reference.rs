//! `docs/reference/schemas.md`: every record, topic and field, from the schemas themselves.

use std::fmt::Write as _;

use kalends_normalise::Source;
use serde_json::Value as Json;

use crate::{plan, written};

const HEAD: &str = "\
# Records

One Avro record type per event type, one topic each. This page is made from the schemas in `crates/normalise/schemas`: don't
edit it, but run `KALENDS_BLESS=1 cargo test -p kalends-normalise` after a change there.

`kalends schemas show NAME` prints a record's schema as registries and readers get it. Topics begin with `rokt.calendar.`
unless `topics` of a sink says otherwise. Every instant is a `timestamp-millis` in UTC; with `timestamps: micros` it is a
`timestamp-micros`, and the namespace is `rokt.calendar.micros`. A type with `?` may be null and is so by default.

*From* names where in the sender's body a value stands; of several places the first that has one counts. In place of it, or
behind it, stands the function that derives the value. *Class* is the kind of personal data, which `privacy` of a sink speaks of.
";

fn page() -> String {
    let mut page = HEAD.to_owned();
    page.push_str("\n| record | topic | event types | fields |\n|---|---|---|---|\n");
    for record in plan().records() {
        let anchor = record.name.to_lowercase();
        let types = codes(record.event_types().iter().map(String::as_str));
        let (name, topic, count) = (&record.name, &record.topic_suffix, record.fields.len());
        writeln!(page, "| [{name}](#{anchor}) | `rokt.calendar.{topic}` | {types} | {count} |").unwrap();
    }
    for source in Source::BUILT_IN {
        section(&mut page, &serde_json::from_str(source.text).unwrap());
    }
    page
}

fn section(page: &mut String, schema: &Json) {
    let text = |at: &str| schema.pointer(at).and_then(Json::as_str).unwrap();
    writeln!(page, "\n## {}\n\n{}", text("/name"), text("/doc")).unwrap();
    for rule in schema["kalends"]["reclassify"].as_array().into_iter().flatten() {
        let absent = codes(strings(&rule["when_absent"]));
        let to = rule["to"].as_str().unwrap();
        writeln!(page, "\nWithout a value at any of {absent} it is a [{to}](#{}).", to.to_lowercase())
            .unwrap();
    }
    page.push_str("\n| field | type | meaning | from | class |\n|---|---|---|---|---|\n");
    for field in schema["fields"].as_array().unwrap() {
        let name = field["name"].as_str().unwrap();
        let meaning = field["doc"].as_str().unwrap().replace('|', "\\|");
        let class = field["kalends"]["personal"].as_str().map(|class| codes([class])).unwrap_or_default();
        let (kind, origin) = (kind(&field["type"]), origin(&field["kalends"]));
        writeln!(page, "| `{name}` | {kind} | {meaning} | {origin} | {class} |").unwrap();
    }
}

fn kind(kind: &Json) -> String {
    match kind {
        Json::Array(union) => format!("{}?", self::kind(&union[1])),
        Json::Object(object) => {
            match object.get("logicalType").or_else(|| object.get("type")).and_then(Json::as_str) {
                Some("array") => format!("array of {}", self::kind(&object["items"])),
                other => other.unwrap().to_owned(),
            }
        }
        other => other.as_str().unwrap().to_owned(),
    }
}

fn origin(kalends: &Json) -> String {
    let from = codes(strings(&kalends["from"]));
    let derived = kalends["derive"]["fn"].as_str().map(|function| {
        let arguments: Vec<&str> = strings(&kalends["derive"]["args"]).collect();
        format!(
            "*{function}*{}",
            if arguments.is_empty() { String::new() } else { format!(" of {}", codes(arguments)) }
        )
    });
    [Some(from).filter(|from| !from.is_empty()), derived].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn strings(list: &Json) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Json::as_str)
}

fn codes<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

#[test]
fn the_reference_says_what_the_schemas_say() {
    written::matches("reference/schemas.md", &page());
}
