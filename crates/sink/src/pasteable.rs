//! Commands in messages, completed so that they can be pasted.

use std::{
    borrow::Cow,
    path::{Path, PathBuf},
};

/// How a command stands in a message.
const OPENING: &str = "`kalends ";

/// Commands that take no configuration.
const WITHOUT_CONFIGURATION: [&str; 5] = ["cat", "completions", "demo", "man", "send"];

/// The options that name the installation which a message is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InstallationOptions {
    /// `-c FILE`.
    Configuration(PathBuf),
    /// `--directory DIR`, which the commands of `kalends journal` alone take.
    Journal(PathBuf),
}

impl InstallationOptions {
    /// The message, with these options behind each command that takes them and has none of them.
    #[must_use]
    pub fn complete<'a>(&self, message: &'a str) -> Cow<'a, str> {
        each_command(message, |command| {
            let mut words = command.split_whitespace().skip(1);
            let first = words.next().unwrap_or_default();
            let is_named = words.any(|word| ["-c", "--config", "--directory"].contains(&word));
            let (option, path) = match self {
                Self::Configuration(file) => ("-c", file),
                Self::Journal(directory) => ("--directory", directory),
            };
            let takes = match self {
                Self::Configuration(_) => !WITHOUT_CONFIGURATION.contains(&first),
                Self::Journal(_) => first == "journal",
            };
            (takes && !is_named).then(|| format!("{command} {option} {}", quoted(path)))
        })
    }
}

/// The message, with the sink's name in the place of the word `NAME` of each command.
#[must_use]
pub fn name_sink<'a>(message: &'a str, sink: &str) -> Cow<'a, str> {
    each_command(message, |command| {
        let name = |word: &'a str| if word == "NAME" { sink.to_owned() } else { word.to_owned() };
        command.contains(" NAME").then(|| command.split(' ').map(name).collect::<Vec<_>>().join(" "))
    })
}

/// The message with each command as `change` wants it.
fn each_command<'a>(message: &'a str, change: impl Fn(&'a str) -> Option<String>) -> Cow<'a, str> {
    let mut changed = String::new();
    let mut rest = message;
    while let Some((before, command, behind)) = next_command(rest) {
        changed.push_str(before);
        changed.push_str(&change(command).map_or(Cow::Borrowed(command), Cow::Owned));
        rest = behind;
    }
    if rest.len() == message.len() {
        return Cow::Borrowed(message);
    }
    changed.push_str(rest);
    Cow::Owned(changed)
}

/// The text through the opening backtick, the command, and the text from the closing backtick on.
fn next_command(text: &str) -> Option<(&str, &str, &str)> {
    let (before, from_command) = text.split_at_checked(text.find(OPENING)? + 1)?;
    let (command, behind) = from_command.split_at_checked(from_command.find('`')?)?;
    Some((before, command, behind))
}

/// The path as one word of a shell.
fn quoted(path: &Path) -> Cow<'_, str> {
    let text = path.to_string_lossy();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+:@%=,".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_plain) {
        return text;
    }
    Cow::Owned(format!("'{}'", text.replace('\'', r"'\''")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn configured(message: &str) -> Cow<'_, str> {
        InstallationOptions::Configuration("a/b.yaml".into()).complete(message)
    }

    #[test]
    fn each_command_gets_the_file_once() {
        assert_eq!(
            configured("hold: `kalends sinks list`, or `kalends journal repair`; see `start` and `kalends`"),
            "hold: `kalends sinks list -c a/b.yaml`, or `kalends journal repair -c a/b.yaml`; see `start` and `kalends`"
        );
        for message in [
            "`kalends sinks list -c x`",
            "`kalends journal repair --directory d`",
            "`kalends cat FILE.avro`",
            "no command",
            "an open `kalends status",
        ] {
            assert_eq!(configured(message), message);
        }
    }

    #[test]
    fn a_journal_named_by_its_directory_is_named_so_again() {
        let journal = InstallationOptions::Journal("/a b".into());
        assert_eq!(
            journal.complete("`kalends journal repair`, then `kalends run`"),
            "`kalends journal repair --directory '/a b'`, then `kalends run`"
        );
    }

    #[test]
    fn paths_are_one_word_of_a_shell() {
        for (path, word) in [("/a/b.yaml", "/a/b.yaml"), ("", "''"), ("it's", r"'it'\''s'"), ("a b", "'a b'")]
        {
            assert_eq!(quoted(Path::new(path)), word);
        }
    }

    #[test]
    fn the_sinks_name_stands_where_a_sink_writes_a_placeholder() {
        assert_eq!(
            name_sink("NAME: `kalends sinks seek NAME --to WHERE`", "files"),
            "NAME: `kalends sinks seek files --to WHERE`"
        );
    }
}
