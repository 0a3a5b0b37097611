use std::process::Command;

use crate::sources::root;

/// Needs the package registries, and fails when others release something: for whoever prepares a release.
#[test]
#[ignore = "asks package registries for the newest releases"]
fn time_zones_are_those_of_the_newest_releases() {
    let script = root().join("crates/normalise/zones/zones.py");
    let output = Command::new("python3").arg(script).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
