//! The commands that README and docs give their readers.

mod tested_by;

use std::{fs, path::Path};

pub use tested_by::{By, TESTED_BY, tested_by};

/// First words by which a line, or a piece of code within a sentence, is known as a command.
const PROGRAMS: [&str; 24] = [
    "apt",
    "cargo",
    "cp",
    "curl",
    "docker",
    "export",
    "for",
    "helm",
    "journalctl",
    "kafka-console-consumer.sh",
    "kalends",
    "kcat",
    "kill",
    "kubectl",
    "mkdir",
    "mv",
    "openssl",
    "pip",
    "printf",
    "promtool",
    "psql",
    "rsync",
    "systemctl",
    "tar",
];

/// Folders whose pages give their readers commands. The decisions in `docs/adr` give none.
const DOCS_FOLDERS: [&str; 6] =
    ["docs", "docs/consume", "docs/develop", "docs/reference", "docs/run", "docs/tasks"];

/// What a page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A line, or lines that belong together, for a shell.
    Shell,
    /// The same within a sentence.
    Sentence,
    /// A statement or a program in the language of this name.
    Code,
}

/// Something that a reader can run.
#[derive(Debug, Clone)]
pub struct Command {
    /// The page, as a path below the root.
    pub page: String,
    /// Its first line there.
    pub line: usize,
    /// What is to be run.
    pub text: String,
    /// How it is shown.
    pub kind: Kind,
    /// Commands of one block have the same number.
    pub block: usize,
}

/// Every command of README, of the pages in `docs` and of `deploy/README.md`, in their order.
///
/// # Errors
/// A page can't be read.
pub fn commands(root: &Path) -> std::io::Result<Vec<Command>> {
    let mut pages = vec!["README.md".to_owned(), "deploy/README.md".to_owned()];
    for folder in DOCS_FOLDERS {
        for entry in fs::read_dir(root.join(folder))? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            pages.extend(
                Path::new(&name)
                    .extension()
                    .is_some_and(|ending| ending == "md")
                    .then(|| format!("{folder}/{name}")),
            );
        }
    }
    pages.sort();
    let mut commands = Vec::new();
    for page in pages {
        commands.extend(of_page(&page, &fs::read_to_string(root.join(&page))?));
    }
    Ok(commands)
}

/// The commands of one page.
#[must_use]
pub fn of_page(page: &str, text: &str) -> Vec<Command> {
    let mut found = Vec::new();
    let mut lines = text.lines().enumerate().peekable();
    let mut blank = true;
    while let Some((number, line)) = lines.next() {
        let mut block = Vec::new();
        let mut language = "";
        if let Some(fence) = line.trim_start().strip_prefix("```") {
            language = fence.trim();
            let inside = lines.by_ref().take_while(|(_, line)| !line.trim_start().starts_with("```"));
            block.extend(inside.map(|(_, line)| line));
        } else if blank && line.starts_with("    ") {
            block.push(line);
            while let Some((_, line)) = lines.next_if(|(_, line)| line.starts_with("    ")) {
                block.push(line);
            }
        }
        let texts: Vec<(String, Kind)> = match (language, block.is_empty()) {
            (_, true) => sentences(line).map(|text| (text.to_owned(), Kind::Sentence)).collect(),
            ("sql" | "python", _) => vec![(block.join("\n"), Kind::Code)],
            ("" | "sh" | "bash", _) => shell(&block).into_iter().map(|text| (text, Kind::Shell)).collect(),
            _ => Vec::new(),
        };
        blank = !block.is_empty() || line.trim().is_empty();
        let command =
            |(text, kind)| Command { page: page.to_owned(), line: number + 1, text, kind, block: number };
        found.extend(texts.into_iter().map(command));
    }
    found
}

/// The blocks of JSON that a page shows for its readers to copy, in their order.
///
/// # Errors
/// The page can't be read.
pub fn json_blocks(root: &Path, page: &str) -> std::io::Result<Vec<String>> {
    let text = fs::read_to_string(root.join(page))?;
    let blocks = text.split("```json\n").skip(1);
    Ok(blocks.filter_map(|rest| rest.split("```").next()).map(str::to_owned).collect())
}

/// The commands that stand between backticks on a line.
fn sentences(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2).filter(|code| is_command(code))
}

/// Code within a sentence is a command when it is more than a program's name.
fn is_command(code: &str) -> bool {
    let words = code.split_whitespace().skip_while(|word| word.contains('=')).collect::<Vec<_>>();
    matches!(words.as_slice(), [program, _, ..] if PROGRAMS.contains(program)) && !code.contains('→')
}

/// The commands of a block; none of one that shows data: keys and values, bytes, a drawing.
fn shell(block: &[&str]) -> Vec<String> {
    let first = block.first().map(|line| line.trim()).unwrap_or_default();
    let word = first.split_whitespace().next().unwrap_or_default();
    let is_data = word.ends_with(':')
        || word.starts_with(['{', '"', '#'])
        || (word.contains('=') && word.contains('.'))
        || (word.len() == 2 && word.bytes().all(|byte| byte.is_ascii_hexdigit()))
        || block.iter().any(|line| line.contains(['→', '▶']));
    if is_data {
        return Vec::new();
    }
    let mut commands: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in block.iter().map(|line| line.trim()).filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        // A comment stands behind two spaces at least.
        let line = line.split("  #").next().unwrap_or(line).trim_end();
        match commands.last_mut().filter(|_| goes_on) {
            Some(command) => *command = format!("{command}\n{line}"),
            None => commands.push(line.to_owned()),
        }
        let whole = commands.last().map(String::as_str).unwrap_or_default();
        goes_on = line.ends_with(['\\', '|']) || (whole.starts_with("for ") && line != "done");
    }
    commands
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_told_from_everything_else_on_a_page() {
        let page = "Run `kalends status -c FILE`, not `kalends`, and `docs/x`.\n\n    sinks:\n      a: 1\n\n    kalends one   # why\n    frob two |\n      wc\n\n\
            ```sql\nSELECT 1;\nSELECT 2;\n```\n\n    00  a byte\n\n    for x in y; do\n      echo $x\n    done\n";
        let found: Vec<_> = of_page("p", page).into_iter().map(|command| command.text).collect();
        let expected = [
            "kalends status -c FILE",
            "kalends one",
            "frob two |\nwc",
            "SELECT 1;\nSELECT 2;",
            "for x in y; do\necho $x\ndone",
        ];
        assert_eq!(found, expected);
    }
}
