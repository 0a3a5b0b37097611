//! Tests that no constructor of the daemon refuses what `check` calls sound, neither at a start nor at a reload.

use std::{ffi::OsString, fs};

use kalends_delivery::CheckedSinks;
use kalends_normalise::Plan;
use kalends_settings::{Settings, load, schema_catalogue::Catalogue};
use kalends_sink::SharedMetrics;
use kalends_trace::Tracer;
use prometheus::Registry;
use serde_json::Value;

use super::{endpoints, sinks};
use crate::sinks::KINDS;

/// Parts other than the sinks, with room for the largest values, so that each key meets its own bound and no other's.
const PARTS: &str = "
listen: { max_in_flight: 8TiB, trusted_proxies: [10.0.0.0/8] }
endpoints: { main: { path: /a, allow: [10.0.0.1], tokens: [{ env: TOKEN }] }, other: { path: /b } }
journal: { max_size: 8000TiB, segment_size: 8TiB }
telemetry: { otlp: { endpoint: \"http://localhost:4318\", headers: { x_team: a }, attributes: { a: b } } }
sinks: { files: { kind: files } }
";

const FILES: &str = "
endpoints: { main: {} }
sinks:
  files:
    kind: files
    topics: { names: { Test: rokt.t } }
    only: [Test, Subscribe]
    privacy: { classes: { email: hash }, fields: { utm_campaign: drop }, key: { env: TOKEN }, keep_extra_fields: [/a] }
";

const KAFKA: &str = "
endpoints: { main: {} }
sinks:
  kafka:
    kind: kafka
    partitions: 6
    replication: 3
    retention: 30d
    schema_registry: { url: \"http://localhost:8081\", username: a, password: { env: TOKEN } }
    properties: { security.protocol: plaintext, message.max.bytes: 3000000 }
";

const POSTGRES: &str = "
endpoints: { main: {} }
sinks: { database: { kind: postgres, tables: { names: { Test: t } } } }
";

/// Values at the edges of every kind of key.
const EDGES: [&str; 17] = [
    "",
    "0",
    "1",
    "2147483648",
    "18446744073709551615",
    "3GiB",
    "16000000TiB",
    "1ms",
    "25d",
    "200000000000d",
    "/",
    "/b/",
    "a b",
    "é",
    "truncate",
    "127.0.0.1:8080",
    "true",
];

#[test]
fn parts_that_check_calls_sound_are_refused_by_no_constructor() {
    sound_is_what_starts(PARTS, &EDGES, |key| !key.starts_with("KALENDS__SINKS"));
}

#[test]
fn files_sinks_that_check_calls_sound_are_refused_by_no_constructor() {
    sound_is_what_starts(FILES, &EDGES, |key| key.starts_with("KALENDS__SINKS"));
}

#[test]
fn kafka_sinks_that_check_calls_sound_are_refused_by_no_constructor() {
    // Fewer, for each makes four clients of librdkafka.
    let edges = ["", "0", "18446744073709551615", "200000000000d", "a b"];
    sound_is_what_starts(KAFKA, &edges, |key| key.starts_with("KALENDS__SINKS"));
}

#[test]
fn postgres_sinks_that_check_calls_sound_are_refused_by_no_constructor() {
    sound_is_what_starts(POSTGRES, &EDGES, |key| key.starts_with("KALENDS__SINKS"));
}

/// Gives each key every value at an edge, by the key's variable, and makes everything of what is called sound.
fn sound_is_what_starts(configuration: &str, edges: &[&str], is_tried: fn(&str) -> bool) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kalends.yaml");
    fs::write(&file, configuration).unwrap();
    let read = |key: Option<(&str, &str)>| {
        let variables = key.into_iter().chain([("TOKEN", "0123456789abcdef")]);
        let variables = variables.map(|(name, value)| (OsString::from(name), OsString::from(value)));
        load(Some(&file), variables, KINDS)
    };
    let sound = read(None).unwrap();
    let directory = sound.schemas.directory.as_deref();
    let plan = Catalogue::read(directory, sound.timestamps.into()).unwrap().plan;
    make(&sound, &plan).unwrap();
    let mut variables = Vec::new();
    variables_of(&serde_json::to_value(&sound).unwrap(), "KALENDS", &mut variables);
    let long = "x".repeat(5000);
    let mut taken = 0;
    for variable in variables.iter().filter(|name| is_tried(name)) {
        for value in edges.iter().copied().chain([long.as_str()]) {
            let Ok(settings) = read(Some((variable.as_str(), value))) else { continue };
            taken += 1;
            if let Err(refused) = make(&settings, &plan) {
                panic!("check calls {variable}={value:?} sound, and the start refuses it: {refused}");
            }
        }
    }
    assert!(taken > 10, "{taken} values were taken");
}

/// Makes everything that a start and a reload make of settings, but for what takes an address, a directory or a thread.
fn make(settings: &Settings, plan: &Plan) -> Result<(), String> {
    let told = |error: &dyn std::fmt::Display| error.to_string();
    crate::journals::local(settings).check().map_err(|error| told(&error))?;
    let listener = endpoints::listener(settings, Tracer::default()).map_err(|error| told(&error))?;
    kalends_ingress::Control::prepare(listener).map_err(|error| told(&error))?;
    endpoints::admin_tls(settings).map_err(|error| told(&error))?;
    let otlp = settings.telemetry.otlp.as_ref();
    otlp.map(|otlp| otlp.exporter("a")).transpose().map_err(|error| told(&error))?;
    let metrics = SharedMetrics::new(Registry::new());
    let sinks = sinks::build(settings, plan, &metrics).map_err(|error| told(&error))?;
    CheckedSinks::new(plan, sinks).map_err(|error| told(&error)).map(drop)
}

/// The variable of every key that has a single value.
fn variables_of(value: &Value, name: &str, variables: &mut Vec<String>) {
    let below = |key: &str| format!("{name}__{}", key.to_uppercase().replace('.', "_"));
    match value {
        Value::Object(keys) => {
            for (key, value) in keys {
                variables_of(value, &below(key), variables);
            }
        }
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.for_each(|(index, value)| variables_of(value, &below(&index.to_string()), variables));
        }
        _ => variables.push(name.to_owned()),
    }
}
