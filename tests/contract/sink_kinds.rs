//! A kind of sink is known to its own crate and to one list.

use std::fs;

use kalends::sinks::KINDS;

use super::sources::{root, rust_files};

/// Files that may name a kind: the list, and two commands that show one. The others name a kind of journal, and how a server is
/// spoken to.
const MAY: [&str; 7] = [
    "kalends/src/sinks.rs",
    "kalends/src/commands/demo.rs",
    "kalends/src/commands/demo/report.rs",
    "kalends/src/commands/cat.rs",
    "settings/src/journal.rs",
    "kalends/src/admin_client/inquiry.rs",
    "load/src/target.rs",
];

/// The program's own lines, without comments and tests.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn kind_of_sink_is_named_by_its_crate_and_the_list_alone() {
    let crates = root().join("crates");
    let sinks = fs::read_dir(&crates).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let sinks: Vec<String> = sinks.filter(|name| name.starts_with("sink-")).collect();
    assert!(sinks.len() > 1, "{sinks:?}");
    let words: Vec<String> = sinks
        .iter()
        .map(|name| format!("kalends_{}", name.replace('-', "_")))
        .chain(KINDS.iter().map(|kind| format!("\"{}\"", kind.name())))
        .collect();
    for file in rust_files() {
        let Some(name) = file.strip_prefix(&crates).ok().and_then(|file| file.to_str()) else { continue };
        let is_test = name.contains("/tests/") || name.ends_with("/tests.rs") || name.contains("/test_");
        if is_test || MAY.contains(&name) || sinks.iter().any(|sink| name.starts_with(&format!("{sink}/"))) {
            continue;
        }
        let code = code(&fs::read_to_string(&file).unwrap());
        for word in &words {
            assert!(!code.contains(word), "{name} names a kind of sink: {word}");
        }
    }
}
