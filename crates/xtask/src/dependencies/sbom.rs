//! The bill of materials, as `CycloneDX` 1.5 has it in JSON.

use std::{io::Write as _, process::ExitCode};

use serde_json::{Value, json};

use super::{Package, of_program};

/// Prints the bill of materials of the released program. It bears no time and no random number: the same sources make the same.
///
/// # Errors
/// The packages can't be listed, or standard output can't be written.
pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let bill = serde_json::to_string_pretty(&bill(&of_program()?))?;
    writeln!(std::io::stdout(), "{bill}")?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn bill(packages: &[Package]) -> Value {
    let (program, others) = packages.split_at(packages.len().min(1));
    let dependencies = packages.iter().map(|package| {
        let needs: Vec<_> = package.needs.iter().map(|(name, version)| url(name, version)).collect();
        json!({ "ref": url(&package.name, &package.version), "dependsOn": needs })
    });
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": { "component": program.first().map(|program| component(program, "application")) },
        "components": others.iter().map(|package| component(package, "library")).collect::<Vec<_>>(),
        "dependencies": dependencies.collect::<Vec<_>>(),
    })
}

fn component(package: &Package, kind: &str) -> Value {
    let url = url(&package.name, &package.version);
    let mut component = json!({
        "type": kind,
        "bom-ref": url,
        "name": package.name,
        "version": package.version,
        "description": package.description,
        "licenses": [{ "expression": package.licence }],
        "purl": url,
    });
    if let Some(fields) = component.as_object_mut() {
        let hash = |checksum: &String| json!([{ "alg": "SHA-256", "content": checksum }]);
        fields.extend(package.checksum.as_ref().map(|checksum| ("hashes".to_owned(), hash(checksum))));
        let source = |url: &String| json!([{ "type": "vcs", "url": url }]);
        let sources = package.repository.as_ref().map(|url| ("externalReferences".to_owned(), source(url)));
        fields.extend(sources);
    }
    component
}

fn url(name: &str, version: &str) -> String {
    format!("pkg:cargo/{name}@{}", version.replace('+', "%2B"))
}
