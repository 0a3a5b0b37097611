use std::collections::BTreeSet;

use serde_json::json;

use super::{checksums, packages, sbom::bill};

/// The program needs `a`, which is built by `b`; its tests need `c`.
fn metadata() -> serde_json::Value {
    let package = |name: &str, licence: &str| {
        let manifest = format!("/sources/{name}/Cargo.toml");
        json!({ "id": name, "name": name, "version": "1.0.0+x", "license": licence, "manifest_path": manifest })
    };
    let need = |name: &str, kind: serde_json::Value| json!({ "pkg": name, "dep_kinds": [{ "kind": kind }] });
    json!({
        "packages": [package("c", "MIT"), package("b", "MIT/Apache-2.0"), package("a", "ISC"), package("kalends", "Apache-2.0")],
        "resolve": { "nodes": [
            { "id": "kalends", "deps": [need("a", json!(null)), need("c", json!("dev"))] },
            { "id": "a", "deps": [need("b", json!("build"))] },
            { "id": "b", "deps": [need("a", json!("dev"))] },
        ] },
    })
}

const LOCK: &str = "
[[package]]
name = \"a\"
version = \"1.0.0+x\"
source = \"registry\"
checksum = \"00ff\"

[[package]]
name = \"kalends\"
version = \"1.0.0+x\"
";

#[test]
fn program_is_built_from_ordinary_and_build_dependencies_and_not_from_those_of_tests() {
    let found = packages(&metadata(), &checksums(LOCK)).unwrap();
    let names: Vec<_> = found.iter().map(|package| package.name.as_str()).collect();
    assert_eq!(names, ["kalends", "a", "b"]);
    assert_eq!(found[1].checksum.as_deref(), Some("00ff"));
    assert_eq!(found[0].checksum, None);
    assert_eq!(found[0].needs, BTreeSet::from([("a".to_owned(), "1.0.0+x".to_owned())]));
    assert_eq!(found[2].licence, "MIT OR Apache-2.0");
}

#[test]
fn bill_of_materials_names_the_program_apart_from_what_it_is_built_from() {
    let bill = bill(&packages(&metadata(), &checksums(LOCK)).unwrap());
    assert_eq!(bill["metadata"]["component"]["name"], "kalends");
    assert_eq!(bill["components"][0]["purl"], "pkg:cargo/a@1.0.0%2Bx");
    assert_eq!(bill["components"][0]["hashes"][0]["content"], "00ff");
    assert_eq!(bill["components"][1]["licenses"][0]["expression"], "MIT OR Apache-2.0");
    assert_eq!(bill["dependencies"][0]["dependsOn"], json!(["pkg:cargo/a@1.0.0%2Bx"]));
}
