//! Commands in README and docs are run by tests; here is held what `tests/acceptance/docs_commands.rs` can't see by running them.

use std::{fs, iter};

use clap::Parser;
use kalends::cli::Cli;
use kalends_tests::documents::{By, TESTED_BY, commands, tested_by};

use super::sources::{defines, root, rust_files};

#[test]
fn documented_command_tested_elsewhere_names_a_test_that_exists() {
    let commands = commands(&root()).unwrap();
    for (words, by) in TESTED_BY {
        assert!(
            commands.iter().any(|command| tested_by(command).is_some_and(|(found, _)| found == *words)),
            "no page says `{words}` any more"
        );
        if let By::Test(file, function) = by {
            assert!(defines(file, function), "`{words}`: {file} has no {function}");
        }
    }
}

/// What is run within a container can't be run here, but the program's part of it is read.
#[test]
fn commands_within_containers_are_command_lines_of_kalends() {
    let root = root();
    let manifest = fs::read_to_string(root.join("deploy/kubernetes/statefulset.yaml")).unwrap();
    let mut seen = 0;
    for command in commands(&root).unwrap().iter().filter(|command| command.page == "docs/run/commands.md") {
        let text = &command.text;
        let is_within = ["docker exec ", "docker run ", "docker compose ", "kubectl "]
            .iter()
            .any(|words| text.starts_with(words));
        if text.contains("kubectl -n kalends patch") {
            for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
                assert!(text.contains(probe) && manifest.contains(&format!("{probe}:")), "{probe}");
            }
        }
        let line = text.rsplit_once(" kalends ").filter(|(before, _)| is_within && !before.ends_with(" -n"));
        let Some((before, line)) = line else { continue };
        if before.ends_with(" run --rm --no-deps")
            || before.contains(" exec ")
            || before.contains("docker run ")
        {
            let parsed = Cli::try_parse_from(iter::once("kalends").chain(line.split(' ')));
            assert!(parsed.is_ok(), "{text}: {:?}", parsed.err());
            seen += 1;
        }
    }
    assert!(seen > 6, "only {seen} were found");
}

/// A filter that fits nothing runs nothing, and cargo calls that a success.
#[test]
fn every_cargo_test_of_the_documents_runs_something() {
    let sources: Vec<_> = rust_files().into_iter().map(|file| file.display().to_string()).collect();
    let root = root();
    for command in commands(&root).unwrap().iter().filter(|command| command.text.contains("cargo test")) {
        let text = &command.text;
        let words: Vec<_> = text.split_whitespace().filter(|word| !word.contains('=')).collect();
        let after = |flag: &str| {
            words.iter().position(|word| *word == flag).and_then(|at| words.get(at + 1)).copied()
        };
        let package = after("-p").unwrap_or_else(|| panic!("{text} names no package"));
        let folder = match package {
            "kalends" => "crates/kalends".to_owned(),
            "kalends-tests" => "tests".to_owned(),
            other => format!("crates/{}", other.trim_start_matches("kalends-")),
        };
        let folder = root.join(folder).display().to_string();
        let of_package: Vec<_> = sources.iter().filter(|source| source.starts_with(&folder)).collect();
        assert!(!of_package.is_empty(), "{text}: there is no {package}");
        if let Some(target) = after("--test") {
            let ends = [format!("/{target}/main.rs"), format!("/tests/{target}.rs")];
            assert!(of_package.iter().any(|source| ends.iter().any(|end| source.ends_with(end))), "{text}");
        }
        let options = ["cargo", "test", "-p", package, "--test", after("--test").unwrap_or_default(), "--"];
        for filter in words.iter().filter(|word| !options.contains(*word) && !word.starts_with("--")) {
            assert!(
                of_package.iter().any(|source| source.ends_with(&format!("/{filter}.rs"))),
                "{text}: there is no module {filter}"
            );
        }
    }
}
