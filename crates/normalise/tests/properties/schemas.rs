use std::sync::Arc;

use kalends_normalise::{Normaliser, Plan, Source, TimeUnit};
use proptest::{prelude::*, sample::Index};
use serde_json::Value as Json;

use crate::{corpus, hold, mutate, schemas, search};

/// What a place in a schema may be replaced with: what some other place takes, and what none does.
const VALUES: [&str; 34] = [
    "null",
    "true",
    "0",
    "-1",
    "1e9",
    "\"\"",
    "\"x\"",
    "\"/\"",
    "\"/eventId\"",
    "\"/eventDetails\"",
    "\"/eventDetails/*\"",
    "\"/eventDetails/subscription/calendarTags/*/tagId\"",
    "\"/*/*\"",
    "\"/~0~1~2\"",
    "\"string\"",
    "\"int\"",
    "\"long\"",
    "\"double\"",
    "\"bytes\"",
    "\"boolean\"",
    "\"float\"",
    "[\"null\",\"string\"]",
    "[\"string\",\"null\"]",
    "[\"null\",\"null\"]",
    "[]",
    "{}",
    "{\"type\":\"array\",\"items\":\"string\"}",
    "[\"null\",{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}]",
    "{\"fn\":\"utc_of_local\",\"args\":[\"a\",\"b\",\"c\"]}",
    "{\"fn\":\"raw_json\"}",
    "{\"fn\":\"extra_fields\"}",
    "{\"from\":[\"/eventType\",\"/eventid\"]}",
    "\"SubscriptionPaused\"",
    "\"event_id\"",
];

/// A change to the JSON of a schema: the place by its number, and what happens there.
#[derive(Debug, Clone)]
enum Change {
    Replace(Index, &'static str),
    /// Puts what stands at the one place at the other.
    Copy(Index, Index),
    Remove(Index),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let change = prop_oneof![
        3 => (any::<Index>(), proptest::sample::select(&VALUES[..])).prop_map(|(at, value)| Change::Replace(at, value)),
        1 => (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Change::Copy(from, to)),
        1 => any::<Index>().prop_map(Change::Remove),
    ];
    proptest::collection::vec(change, 0..4)
}

fn places(value: &Json, at: &str, out: &mut Vec<String>) {
    out.push(at.to_owned());
    let escaped = |key: &str| key.replace('~', "~0").replace('/', "~1");
    match value {
        Json::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| places(item, &format!("{at}/{index}"), out));
        }
        Json::Object(members) => {
            members.iter().for_each(|(key, value)| places(value, &format!("{at}/{}", escaped(key)), out));
        }
        _ => {}
    }
}

fn changed(mut schema: Json, changes: &[Change]) -> Json {
    for change in changes {
        let mut pointers = Vec::new();
        places(&schema, "", &mut pointers);
        let pointer = |at: &Index| pointers[at.index(pointers.len())].as_str();
        let put =
            |schema: &mut Json, at: &Index, value: Json| *schema.pointer_mut(pointer(at)).unwrap() = value;
        match change {
            Change::Replace(at, value) => put(&mut schema, at, serde_json::from_str(value).unwrap()),
            Change::Copy(from, to) => {
                let value = schema.pointer(pointer(from)).unwrap().clone();
                put(&mut schema, to, value);
            }
            Change::Remove(at) => {
                let Some((parent, key)) = pointer(at).rsplit_once('/') else { continue };
                match schema.pointer_mut(parent).unwrap() {
                    Json::Object(members) => drop(members.remove(key)),
                    Json::Array(items) => drop(items.remove(key.parse().unwrap())),
                    _ => {}
                }
            }
        }
    }
    schema
}

/// A built-in schema, or a new one like it.
fn schema(which: Index, is_new: bool) -> Json {
    let mut schema: Json = serde_json::from_str(which.get(&Source::BUILT_IN).text).unwrap();
    if is_new {
        schema["name"] = "SubscriptionPaused".into();
        schema["kalends"]["types"] = Json::from(vec!["SubscriptionPaused"]);
        schema["kalends"]["topic"] = "subscription-paused".into();
    }
    schema
}

fn compiles_soundly(text: &str, bodies: &[Vec<u8>]) {
    let source = Source { name: "mine.avsc", text };
    let plan = match Plan::compile(&[source], TimeUnit::Millis) {
        Ok(plan) => Arc::new(plan),
        Err(error) => {
            assert!(error.to_string().starts_with("mine.avsc: "), "{error}");
            return;
        }
    };
    let schemas = schemas(&plan);
    let mut normaliser = Normaliser::new(Arc::clone(&plan));
    for body in bodies {
        hold(body, &mut normaliser, &plan, &schemas);
    }
}

/// Bodies of every type, and of the new one.
fn bodies() -> Vec<Vec<u8>> {
    let mut bodies = corpus::bodies();
    let renamed = |body: &Vec<u8>| {
        String::from_utf8_lossy(body).replace("\"Subscribe\"", "\"SubscriptionPaused\"").into_bytes()
    };
    let paused: Vec<_> = bodies.iter().map(renamed).filter(|body| !bodies.contains(body)).collect();
    bodies.extend(paused);
    bodies
}

#[test]
fn a_changed_schema_is_refused_by_name_or_serves_sound_records() {
    let bodies = bodies();
    let strategy = (any::<Index>(), any::<bool>(), changes());
    search(&strategy, |(which, is_new, changes)| {
        compiles_soundly(&changed(schema(which, is_new), &changes).to_string(), &bodies);
        Ok(())
    });
}

#[test]
fn any_text_is_refused_by_name_or_serves_sound_records() {
    let bodies = bodies();
    let sample = (any::<Index>(), any::<bool>(), mutate::damages()).prop_map(|(which, is_new, damages)| {
        let damaged = mutate::damaged(schema(which, is_new).to_string().as_bytes(), &damages);
        String::from_utf8_lossy(&damaged).into_owned()
    });
    search(&prop_oneof![8 => sample, 1 => any::<String>()], |text| {
        compiles_soundly(&text, &bodies);
        Ok(())
    });
}
