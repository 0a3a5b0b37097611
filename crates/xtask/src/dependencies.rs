//! Packages that the released program is built from, for whoever has to account for them.

pub(crate) mod licences;
pub(crate) mod sbom;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use anyhow::Context;
use serde_json::Value;

use crate::workspace;

/// The package whose program is released.
const PROGRAM: &str = "kalends";

/// A package that the program is built from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// The licences as the package states them, in SPDX's words.
    pub(crate) licence: String,
    pub(crate) description: String,
    pub(crate) repository: Option<String>,
    /// Folder of its sources on this machine.
    pub(crate) folder: PathBuf,
    /// SHA-256 of its archive, in hex; `None` for packages of this workspace.
    pub(crate) checksum: Option<String>,
    /// The packages that it is built from itself, as `name version`.
    pub(crate) needs: BTreeSet<(String, String)>,
}

/// Lists all packages that the released program is built from on this platform, itself first and the others by name. Tests and what
/// only developers use are not among them.
///
/// # Errors
/// `cargo metadata` fails, or says what it never says.
pub(crate) fn of_program() -> anyhow::Result<Vec<Package>> {
    let platform = workspace::said(workspace::rustc().arg("-vV"))?;
    let platform =
        platform.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    let mut cargo = workspace::cargo();
    cargo.args(["metadata", "--format-version=1", "--locked", "--filter-platform", platform]);
    let metadata: Value = serde_json::from_str(&workspace::said(&mut cargo)?)?;
    let lock =
        fs::read_to_string(workspace::root().join("Cargo.lock")).context("Cargo.lock can't be read")?;
    packages(&metadata, &checksums(&lock))
}

fn packages(
    metadata: &Value,
    checksums: &BTreeMap<(String, String), String>,
) -> anyhow::Result<Vec<Package>> {
    let graph = Graph::of(metadata)?;
    let root = graph.packages.iter().find(|(_, package)| text(package, "name") == PROGRAM);
    let (root, _) = root.context("the workspace has no package of the program")?;
    let (mut open, mut seen) = (vec![*root], BTreeSet::from([*root]));
    let mut found = Vec::new();
    while let Some(id) = open.pop() {
        let package = graph.packages.get(id).with_context(|| format!("{id} is no package"))?;
        let needs: Vec<_> = graph.needs(id).collect();
        open.extend(needs.iter().filter(|need| seen.insert(**need)));
        let key = |package: &Value| (text(package, "name").to_owned(), text(package, "version").to_owned());
        let (name, version) = key(package);
        let manifest = PathBuf::from(text(package, "manifest_path"));
        found.push(Package {
            checksum: checksums.get(&(name.clone(), version.clone())).cloned(),
            name,
            version,
            licence: spdx(text(package, "license")),
            description: text(package, "description").split_whitespace().collect::<Vec<_>>().join(" "),
            repository: package.get("repository").and_then(Value::as_str).map(str::to_owned),
            folder: manifest.parent().map(PathBuf::from).unwrap_or_default(),
            needs: needs
                .iter()
                .filter_map(|need| graph.packages.get(need))
                .map(|package| key(package))
                .collect(),
        });
    }
    found.sort();
    found.sort_by_key(|package| package.name != PROGRAM);
    Ok(found)
}

/// Packages and what they need, by cargo's ids.
struct Graph<'a> {
    packages: BTreeMap<&'a str, &'a Value>,
    nodes: BTreeMap<&'a str, &'a Value>,
}

impl<'a> Graph<'a> {
    fn of(metadata: &'a Value) -> anyhow::Result<Self> {
        let by_id = |list: Option<&'a Value>| -> Option<BTreeMap<&'a str, &'a Value>> {
            list?.as_array()?.iter().map(|item| Some((item.get("id")?.as_str()?, item))).collect()
        };
        let packages = by_id(metadata.get("packages")).context("cargo metadata has no packages")?;
        let nodes = by_id(metadata.pointer("/resolve/nodes")).context("cargo metadata has no graph")?;
        Ok(Self { packages, nodes })
    }

    /// Packages that a package is built from: ordinary and build dependencies, none of its tests.
    fn needs(&self, id: &str) -> impl Iterator<Item = &'a str> {
        let dependencies = self.nodes.get(id).and_then(|node| node.get("deps")).and_then(Value::as_array);
        dependencies.into_iter().flatten().filter_map(|dependency| {
            let kinds = dependency.get("dep_kinds").and_then(Value::as_array)?;
            let is_built = kinds.iter().any(|kind| kind.get("kind").is_none_or(|kind| kind != "dev"));
            dependency.get("pkg").and_then(Value::as_str).filter(|_| is_built)
        })
    }
}

fn text<'a>(package: &'a Value, key: &str) -> &'a str {
    package.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// An older way of writing `OR` is a slash.
fn spdx(licence: &str) -> String {
    licence.split('/').map(str::trim).collect::<Vec<_>>().join(" OR ")
}

/// The checksum of each package in the lock file.
fn checksums(lock: &str) -> BTreeMap<(String, String), String> {
    let value = |block: &str, key: &str| {
        let line = block.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = \""));
        line.and_then(|line| line.strip_suffix('"')).map(str::to_owned)
    };
    let blocks = lock.split("[[package]]");
    blocks
        .filter_map(|block| {
            Some(((value(block, "name")?, value(block, "version")?), value(block, "checksum")?))
        })
        .collect()
}

#[cfg(test)]
mod tests;
