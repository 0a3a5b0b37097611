//! What `--help`, man pages and completions say is what the program does.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{collections::BTreeSet, fs, process};

use clap::{Command, CommandFactory, Parser};
use kalends::{cli::Cli, output::exit::Exit};

fn kalends(args: &[&str]) -> (i32, String, String) {
    let output =
        process::Command::new(env!("CARGO_BIN_EXE_kalends")).args(args).env_clear().output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn all(command: &Command) -> Vec<Command> {
    let below = command.get_subcommands().flat_map(all);
    std::iter::once(command.clone()).chain(below).collect()
}

/// Every command that there is, with its whole name.
fn commands() -> Vec<(String, Command)> {
    let mut kalends = Cli::command().disable_help_subcommand(true);
    kalends.build();
    let name = |command: &Command| command.get_bin_name().unwrap_or("kalends").to_owned();
    all(&kalends).into_iter().map(|command| (name(&command), command)).collect()
}

fn lesson(command: &Command) -> String {
    command.get_after_help().map(ToString::to_string).unwrap_or_default()
}

/// The words of an example as a shell would give them; what a pipe or a redirection does with it is left out.
fn words(example: &str) -> Vec<String> {
    let (mut words, mut quoted) = (vec![String::new()], false);
    for character in example.chars() {
        match character {
            '\'' => quoted = !quoted,
            '|' | '>' | '<' | '&' if !quoted => break,
            ' ' if !quoted => words.push(String::new()),
            _ => words.last_mut().unwrap().push(character),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn every_command_teaches_by_examples_that_it_understands() {
    for (name, command) in commands() {
        let lesson = lesson(&command);
        let (_, examples) = lesson.split_once("Examples:\n").unwrap_or_else(|| panic!("{name}: no examples"));
        let mut of_this_one = 0;
        for line in examples.lines() {
            // Comments stand behind at least three spaces.
            let example = line.trim_start().split("   ").next().unwrap();
            let example = &example[example.find("kalends").unwrap()..];
            let parsed = Cli::try_parse_from(words(example));
            assert!(parsed.is_ok(), "{name}: {example}: {}", parsed.unwrap_err());
            of_this_one += usize::from(example.starts_with(&name));
        }
        assert!(of_this_one > 0, "{name}: {examples}");
    }
}

#[test]
fn every_command_says_how_it_ends() {
    for (name, command) in commands() {
        assert!(lesson(&command).contains("Exit codes:"), "{name}");
    }
}

#[test]
fn exit_codes_are_the_same_in_help_and_manual_and_program() {
    let mut codes = BTreeSet::from([0]);
    codes.extend(Exit::ALL.map(Exit::code));
    let first = |line: &str| line.split_whitespace().next().and_then(|word| word.parse::<u8>().ok());
    let lesson = lesson(&Cli::command());
    let listed: BTreeSet<_> = lesson.lines().filter_map(first).collect();
    assert_eq!(listed, codes, "--help");
    let page =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/run/operating.md")).unwrap();
    let rows: BTreeSet<_> = page.lines().filter_map(|line| first(line.strip_prefix('|')?)).collect();
    assert_eq!(rows, codes, "docs/run/operating.md");
}

#[test]
fn help_is_data() {
    for (name, _) in commands() {
        let args: Vec<&str> = name.split(' ').skip(1).chain(["--help"]).collect();
        let (code, out, err) = kalends(&args);
        assert_eq!((code, err.as_str()), (0, ""), "{name}");
        assert!(out.contains("Examples:"), "{name}: {out}");
    }
}

#[test]
fn every_command_has_a_man_page() {
    let directory = tempfile::tempdir().unwrap();
    let folder = directory.path().join("man1");
    assert_eq!(kalends(&["man", "--directory", folder.to_str().unwrap()]), (0, String::new(), String::new()));
    for (name, _) in commands() {
        let page = fs::read_to_string(folder.join(format!("{}.1", name.replace(' ', "-")))).unwrap();
        for part in [".TH ", ".SH NAME", ".SH SYNOPSIS", ".SH OPTIONS", ".SH \"EXIT STATUS\"", ".SH EXAMPLES"]
        {
            assert_eq!(page.matches(part).count(), 1, "{name}: {part}\n{page}");
        }
        let args: Vec<&str> = name.split(' ').skip(1).collect();
        assert_eq!(kalends(&[&["man"], args.as_slice()].concat()).1, page, "{name}");
    }
    let (code, _, err) = kalends(&["man", "journal", "frob"]);
    assert_eq!(code, 64);
    assert!(err.starts_with("kalends journal has no command `frob`; there are: stat, "), "{err}");
}

#[test]
fn bash_completes_commands_and_options() {
    let (code, script, _) = kalends(&["completions", "bash"]);
    assert_eq!(code, 0);
    let complete = |words: &str| {
        let current = words.rsplit(' ').next().unwrap();
        let last = words.matches(' ').count();
        let ask = format!(
            "{script}\nCOMP_WORDS=({words}); COMP_CWORD={last}; _kalends kalends '{current}' ''; echo \"${{COMPREPLY[@]}}\""
        );
        let output = process::Command::new("bash").args(["-c", &ask]).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    assert_eq!(complete("kalends dead"), "dead-letters");
    assert_eq!(complete("kalends journal ver"), "verify");
    assert_eq!(complete("kalends check --conn"), "--connect");
}

#[test]
fn other_shells_have_scripts_too() {
    for (shell, part) in [
        ("zsh", "#compdef kalends"),
        ("fish", "complete -c kalends"),
        ("elvish", "kalends"),
        ("powershell", "kalends"),
    ] {
        let (code, script, err) = kalends(&["completions", shell]);
        assert_eq!((code, err.as_str()), (0, ""), "{shell}");
        assert!(script.contains(part) && script.contains("dead-letters"), "{shell}: {script}");
    }
    assert_eq!(kalends(&["completions", "cmd"]).0, 64);
}
