use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use serde_json::Value;

type Dependencies = BTreeMap<String, BTreeSet<String>>;

/// Every package of the workspace and what its library or program depends on; development dependencies aside.
fn dependencies() -> Dependencies {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["metadata", "--format-version=1", "--no-deps"]).current_dir(super::sources::root());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let name = |value: &Value| value["name"].as_str().unwrap().to_owned();
    let of = |package: &Value| {
        let all = package["dependencies"].as_array().unwrap().iter();
        all.filter(|d| d["kind"] != "dev").map(name).collect()
    };
    metadata["packages"].as_array().unwrap().iter().map(|package| (name(package), of(package))).collect()
}

/// 0 knows nobody; a package may use only packages of a lower level.
fn level(package: &str) -> Option<u8> {
    Some(match package {
        "kalends" => 5,
        "kalends-settings" => 4,
        "kalends-ingress"
        | "kalends-delivery"
        | "kalends-admin"
        | "kalends-sink-files"
        | "kalends-sink-http"
        | "kalends-sink-kafka"
        | "kalends-sink-postgres" => 3,
        "kalends-receipt"
        | "kalends-journal-local"
        | "kalends-normalise"
        | "kalends-sink"
        | "kalends-trace" => 2,
        "kalends-disk" | "kalends-journal" | "kalends-outgoing" => 1,
        "kalends-container" | "kalends-load" | "kalends-note" | "kalends-value" => 0,
        _ => return None,
    })
}

#[test]
fn every_arrow_between_crates_falls() {
    let dependencies = dependencies();
    for (package, uses) in &dependencies {
        let Some(from) = level(package) else { continue };
        for used in uses.iter().filter(|used| dependencies.contains_key(*used)) {
            assert!(level(used).is_some_and(|to| to < from), "{package} must not use {used}");
        }
    }
}

#[test]
fn every_crate_has_its_place() {
    for package in dependencies().keys() {
        let aside = ["kalends-test-util", "kalends-tests", "kalends-toy-sink", "kalends-xtask"];
        let stands_aside = aside.contains(&package.as_str());
        assert!(level(package).is_some() || stands_aside, "{package} has no place in the picture");
    }
}

#[test]
fn the_kafka_client_is_known_to_its_sink_alone() {
    for (package, uses) in dependencies() {
        let may = ["kalends-sink-kafka", "kalends-tests"].contains(&package.as_str());
        assert!(may || !uses.contains("rdkafka"), "{package} must not use rdkafka");
    }
}

#[test]
fn the_postgresql_client_is_known_to_its_sink_alone() {
    for (package, uses) in dependencies() {
        assert!(
            package == "kalends-sink-postgres" || !uses.contains("tokio-postgres"),
            "{package} must not use it"
        );
    }
}

#[test]
fn the_embedded_database_is_known_to_one_crate_alone() {
    for (package, uses) in dependencies() {
        assert!(package == "kalends-sink-http" || !uses.contains("redb"), "{package} must not use redb");
    }
}

#[test]
fn the_client_of_other_servers_is_known_to_one_crate_alone() {
    for (package, uses) in dependencies() {
        assert!(package == "kalends-outgoing" || !uses.contains("ureq"), "{package} must not use ureq");
    }
}

#[test]
fn developers_tools_depend_on_no_crate_of_the_road() {
    let dependencies = dependencies();
    for package in ["kalends-tests", "kalends-xtask"] {
        let mut inside = dependencies[package].iter().filter(|used| dependencies.contains_key(*used));
        assert_eq!(inside.next(), None, "{package} looks at kalends from outside only");
    }
}

#[test]
fn kind_of_journal_is_known_to_the_program_alone() {
    for (package, uses) in dependencies() {
        let may = ["kalends", "kalends-tests"].contains(&package.as_str());
        let kinds: Vec<_> = uses.iter().filter(|used| used.starts_with("kalends-journal-")).collect();
        assert!(may || kinds.is_empty(), "{package} must not use {kinds:?}");
    }
}
