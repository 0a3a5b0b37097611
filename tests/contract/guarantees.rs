use std::{collections::BTreeSet, fs};

use crate::sources::{root, rust_files};

/// What stands between backticks on a page.
fn quoted(page: &str) -> Vec<&str> {
    page.split('`').skip(1).step_by(2).collect()
}

/// The names of all functions of the workspace's sources.
fn functions() -> BTreeSet<String> {
    let sources = rust_files().into_iter().map(|file| fs::read_to_string(file).unwrap());
    sources
        .flat_map(|source| {
            let names = source.split("fn ").skip(1).filter_map(|rest| rest.split(['(', '<']).next());
            names.map(str::to_owned).collect::<Vec<_>>()
        })
        .collect()
}

/// A page that promises a test which is gone or has another name by now proves nothing.
#[test]
fn every_test_that_the_guarantees_name_exists() {
    let page = fs::read_to_string(root().join("docs/guarantees.md")).unwrap();
    let functions = functions();
    let is_test = |name: &&str| name.matches('_').count() >= 3 && !name.contains(['.', '/', ' ']);
    let names: Vec<_> = quoted(&page).into_iter().filter(is_test).collect();
    assert!(names.len() > 20, "only {names:?}");
    for name in names {
        assert!(functions.contains(name), "docs/guarantees.md names {name}, and there is no such test");
    }
}

/// A filter that fits nothing runs nothing, and cargo calls that a success.
#[test]
fn every_command_of_the_guarantees_names_what_there_is() {
    let page = fs::read_to_string(root().join("docs/guarantees.md")).unwrap();
    let manifests: String = rust_manifests();
    let sources: Vec<_> = rust_files().into_iter().map(|file| file.display().to_string()).collect();
    let commands: Vec<_> = page.lines().filter(|line| line.contains("cargo test ")).collect();
    assert!(commands.len() >= 5, "{commands:?}");
    for command in commands {
        let words: Vec<_> = command.split_whitespace().filter(|word| !word.contains('=')).collect();
        let after = |flag: &str| words.iter().position(|word| *word == flag).and_then(|at| words.get(at + 1));
        let package = after("-p").expect("a command names its package");
        assert!(manifests.contains(&format!("name = \"{package}\"")), "{command}");
        if let Some(target) = after("--test") {
            assert!(sources.iter().any(|s| s.ends_with(&format!("/{target}/main.rs"))), "{command}");
        }
        let filters = words.iter().skip_while(|word| **word != "--").skip(1).filter(|w| !w.starts_with('-'));
        for filter in filters {
            let is_there = sources.iter().any(|source| source.ends_with(&format!("/{filter}.rs")));
            assert!(is_there, "{command}: there is no module {filter}");
        }
    }
}

fn rust_manifests() -> String {
    let crates = fs::read_dir(root().join("crates")).unwrap().map(|entry| entry.unwrap().path());
    let folders = crates.chain([root().join("tests")]);
    folders.map(|folder| fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default()).collect()
}
