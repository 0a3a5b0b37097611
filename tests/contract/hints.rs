//! Commands and options that messages name are those that there are.

use std::fs;

use clap::{Command, CommandFactory, Parser, error::ErrorKind};
use kalends::cli::Cli;
use kalends_sink::InstallationOptions;

use super::sources::{root, rust_files};

/// The program's own sources, each with its path below `crates` and without its tests.
fn sources() -> Vec<(String, String)> {
    let crates = root().join("crates");
    let read = |file: std::path::PathBuf| {
        let name = file.strip_prefix(&crates).ok()?.to_str()?.to_owned();
        let text = fs::read_to_string(&file).unwrap();
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        name.contains("/src/").then(|| (name, joined(text)))
    };
    rust_files().into_iter().filter_map(read).collect()
}

/// The text with each string that goes on in the next line in one.
pub(crate) fn joined(text: &str) -> String {
    let mut lines = text.split("\\\n");
    let first = lines.next().unwrap_or_default().to_owned();
    lines.fold(first, |text, line| text + line.trim_start())
}

/// A hint's command line. A word to be filled in becomes a number, which may be anything; what is added to a word, such as
/// ` -c FILE`, is left out.
fn words(hint: &str) -> Vec<String> {
    let is_blank = |word: &str| word.starts_with('{') || word.chars().all(|c| c.is_ascii_uppercase());
    let whole = |word: &str| word.split('{').next().unwrap_or_default().to_owned();
    hint.split(' ').map(|word| if is_blank(word) { "1".to_owned() } else { whole(word) }).collect()
}

#[test]
fn every_command_line_in_a_message_can_be_given() {
    let mut seen = 0;
    for (file, text) in sources() {
        let text: Vec<_> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let text = text.join("\n");
        for (at, _) in text.match_indices("`kalends ") {
            let hint = text[at + 1..].split('`').next().unwrap_or_default();
            if hint.contains('"') {
                continue;
            }
            let words = words(hint);
            seen += 1;
            assert!(!hint.contains("--yes"), "{file}: `{hint}` does what it should only tell");
            let quoted = format!("`{hint}`");
            let completed = InstallationOptions::Configuration("kalends.yaml".into()).complete(&quoted);
            let completed = self::words(completed.trim_matches('`'));
            // The help says how commands are called, and is no message of an installation.
            let is_named = file.starts_with("kalends/src/cli/") || completed.iter().any(|word| word == "-c");
            assert!(is_named, "{file}: `{hint}` is said without its configuration");
            let Err(error) = Cli::try_parse_from(&words) else {
                let taken = Cli::try_parse_from(&completed).map(drop);
                assert!(taken.is_ok(), "{file}: {completed:?}: {taken:?}");
                continue;
            };
            // The name of a command alone is no command line.
            let is_name = !hint.contains('{') && !hint.contains(" -");
            let is_incomplete = [
                ErrorKind::MissingRequiredArgument,
                ErrorKind::MissingSubcommand,
                ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand,
            ]
            .contains(&error.kind());
            assert!(is_name && is_incomplete, "{file}: `{hint}`: {error}");
        }
    }
    assert!(seen > 20, "only {seen} were found");
}

/// The long options of a command and of those below it.
fn options(command: &Command, all: &mut Vec<String>) {
    all.extend(command.get_arguments().filter_map(|option| Some(format!("--{}", option.get_long()?))));
    command.get_subcommands().for_each(|below| options(below, all));
}

/// The options that a text names.
fn named(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("--").filter_map(|(at, _)| {
        let option = &text[at..];
        let end = option.find(|c: char| c != '-' && !c.is_ascii_lowercase()).unwrap_or(option.len());
        let begins = !text[..at].ends_with(|before: char| before == '-' || before.is_alphanumeric());
        option.get(..end).filter(|option| begins && option.len() > 3)
    })
}

/// What stands in the folder or file of a command is said by it; what stands elsewhere may be said by any, and names no options.
#[test]
fn every_option_in_a_message_is_one_of_the_command_that_says_so() {
    let kalends = Cli::command();
    let mut seen = 0;
    for (file, text) in sources() {
        let Some(place) = file.strip_prefix("kalends/src/").filter(|place| !place.starts_with("cli")) else {
            continue;
        };
        let place = place.strip_prefix("commands/").unwrap_or(place);
        let name = place.split(['/', '.']).next().unwrap_or_default().replace('_', "-");
        let mut all = Vec::new();
        if let Some(command) = kalends.find_subcommand(&name) {
            options(command, &mut all);
        }
        for line in
            text.lines().filter(|line| !line.trim_start().starts_with("//") && !line.contains("curl "))
        {
            // Those of whole command lines are tried above.
            let bare: String = line.split('`').step_by(2).collect();
            for option in named(&bare) {
                seen += 1;
                assert!(
                    all.iter().any(|known| known == option),
                    "{file}: {option} is none of `{name}`: {line}"
                );
            }
        }
    }
    assert!(seen > 10, "only {seen} were found");
}
