//! `kalends config` and the schema of configurations.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "config/reference.rs"]
mod reference;

use std::{env, fs, path::Path};

use kalends::sinks::KINDS;
use kalends_settings::{self as settings, Settings};
use serde_json::Value;

const CONFIGURATIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config");

fn load(path: &Path, variables: &[(&str, &str)]) -> Settings {
    let variables = variables.iter().map(|(name, value)| (name.into(), value.into()));
    settings::load(Some(path), variables, KINDS).unwrap()
}

/// A configuration with a reference of each kind and nothing left to the defaults by accident.
const CUNNING: &str = "\
listen: { address: \"0.0.0.0:8443\", trusted_proxies: [10.0.0.1], max_body: 2MB, body_timeout: 1m30s }
endpoints: { main: { path: { env: PATH_OF_ROKT }, tokens: [{ env: TOKEN }], allow: [192.0.2.7/24] } }
sinks:
  files: { kind: files, start: 2026-01-31T01:00:00+01:00, privacy: { classes: { email: hash }, key: { env: KEY }, consent: off } }
  kafka:
    kind: kafka
    partitions: 6
    properties: { sasl.password: { env: PASSWORD }, linger.ms: 5 }
    only: [subscribe]
    schema_registry: { url: \"http://localhost:8081\", username: u, password: { env: PASSWORD }, timeout: 5s }
";

#[test]
fn what_is_in_effect_is_a_configuration_of_the_same_effect() {
    let directory = tempfile::tempdir().unwrap();
    let variables = [
        ("PATH_OF_ROKT", "/planted-path"),
        ("TOKEN", "planted-token"),
        ("KEY", "planted-key-0123456789abcdef"),
        ("PASSWORD", "planted-word"),
    ];
    let cunning = directory.path().join("cunning.yaml");
    fs::write(&cunning, CUNNING).unwrap();
    for path in [
        cunning,
        Path::new(CONFIGURATIONS).join("kalends.full.yaml"),
        Path::new(CONFIGURATIONS).join("kalends.yaml"),
    ] {
        let settings = load(&path, &variables);
        let printed = serde_saphyr::to_string(&settings).unwrap();
        assert!(!printed.contains("planted"), "{printed}");
        let again = directory.path().join("again.yaml");
        fs::write(&again, &printed).unwrap();
        assert_eq!(load(&again, &variables), settings, "{printed}");
    }
}

/// Compares a page with what it has to say, or writes it anew.
fn stands(path: &Path, wanted: &str) {
    if env::var_os("KALENDS_BLESS").is_some_and(|bless| bless == "1") {
        fs::write(path, wanted).unwrap();
        return;
    }
    let stands = fs::read_to_string(path).unwrap();
    let how = "write it anew with KALENDS_BLESS=1 cargo test -p kalends --test config";
    assert!(stands == wanted, "{} is not up to date: {how}", path.display());
}

#[test]
fn the_schema_beside_the_configurations_is_the_one_that_is_printed() {
    stands(
        &Path::new(CONFIGURATIONS).join("kalends.schema.json"),
        &format!("{}\n", settings::json_schema(KINDS)),
    );
}

#[test]
fn the_reference_has_every_key() {
    let schema = serde_json::from_str(&settings::json_schema(KINDS)).unwrap();
    stands(&Path::new(CONFIGURATIONS).join("../docs/run/configuration.md"), &reference::page(&schema));
}

fn faults(yaml: &str) -> Vec<String> {
    let schema: Value = serde_json::from_str(&settings::json_schema(KINDS)).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let configuration: Value = serde_saphyr::from_str(yaml).unwrap();
    validator.iter_errors(&configuration).map(|error| error.to_string()).collect()
}

#[test]
fn editors_are_told_the_same_as_operators() {
    for name in ["kalends.yaml", "kalends.full.yaml"] {
        let yaml = fs::read_to_string(Path::new(CONFIGURATIONS).join(name)).unwrap();
        assert_eq!(faults(&yaml), Vec::<String>::new(), "{name}");
    }
    assert_eq!(faults(CUNNING), Vec::<String>::new());
    for wrong in [
        "lisen: {}",
        "listen: { adress: 127.0.0.1:80 }",
        "listen: { max_body: 1 mib }",
        "journal: { retain: 7 days }",
        "endpoints: { main: { tokens: [plain] } }",
        "sinks: { files: { kind: flies } }",
        "sinks: { files: { kind: files, brokers: localhost:9092 } }",
        "sinks: { files: { directory: data } }",
        "log: { level: loud }",
    ] {
        assert!(!faults(wrong).is_empty(), "{wrong}");
    }
}
