use std::{fs, path::Path};

use anyhow::Context;

/// The mutations of one file of `tests/mutants`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Area {
    pub(crate) title: String,
    pub(crate) mutations: Vec<Mutation>,
}

/// Something taken out of a source file, and who must notice.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Mutation {
    /// The guard that is missing without it.
    pub(crate) what: String,
    /// The file, from the root.
    pub(crate) file: String,
    /// Text that is taken out; it stands there once.
    pub(crate) remove: String,
    /// Text that is put there instead.
    pub(crate) insert: String,
    /// The tests that fail then; those of one target stand together.
    pub(crate) tests: Vec<Test>,
}

/// A test and where cargo finds it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Test {
    pub(crate) package: String,
    pub(crate) target: Vec<String>,
    pub(crate) name: String,
}

impl Area {
    /// The mutations that `word` stands in, or all, if it stands in the title.
    pub(crate) fn about(&self, word: &str) -> impl Iterator<Item = &Mutation> {
        self.mutations.iter().filter(move |mutation| self.title.contains(word) || mutation.is_about(word))
    }
}

impl Mutation {
    /// Returns whether `word` stands in the file's name, the description or a test's name.
    fn is_about(&self, word: &str) -> bool {
        let tests = self.tests.iter().map(|test| &test.name);
        tests.chain([&self.file, &self.what]).any(|text| text.contains(word))
    }

    /// The file, mutated; `None` when what is to be taken out does not stand there once.
    pub(crate) fn of(&self, whole: &str) -> Option<String> {
        (whole.matches(&self.remove).count() == 1).then(|| whole.replace(&self.remove, &self.insert))
    }

    /// The tests, those of one target together.
    pub(crate) fn runs(&self) -> impl Iterator<Item = &[Test]> {
        self.tests.chunk_by(|one, next| (&one.package, &one.target) == (&next.package, &next.target))
    }

    fn take(&mut self, line: &str) -> anyhow::Result<()> {
        let (mark, rest) = line.split_once(' ').unwrap_or((line, ""));
        match mark {
            "#" => rest.clone_into(&mut self.what),
            "-" => push(&mut self.remove, rest),
            "+" => push(&mut self.insert, rest),
            ">" => {
                let mut words = rest.split_whitespace().map(str::to_owned);
                let package = words.next().context("no package")?;
                let mut target: Vec<_> = words.collect();
                let name = target.pop().context("no test")?;
                self.tests.push(Test { package, target, name });
            }
            file => file.clone_into(&mut self.file),
        }
        Ok(())
    }
}

fn push(text: &mut String, line: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(line);
}

/// Reads all files of `directory`, in the order of their names.
///
/// # Errors
/// A file can't be read, or says something that is no mutation.
pub(crate) fn read(directory: &Path) -> anyhow::Result<Vec<Area>> {
    let entries = fs::read_dir(directory).with_context(|| format!("can't list {}", directory.display()))?;
    let mut paths: Vec<_> = entries.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    paths.sort();
    let area = |path: &Path| parse(&fs::read_to_string(path)?);
    paths.iter().map(|path| area(path).with_context(|| path.display().to_string())).collect()
}

fn parse(text: &str) -> anyhow::Result<Area> {
    let mut blocks = text.split("\n\n");
    let title = blocks.next().and_then(|title| title.strip_prefix("# ")).context("no title")?;
    let mut mutations = Vec::new();
    for block in blocks.map(str::trim_end).filter(|block| !block.is_empty()) {
        let mut mutation = Mutation::default();
        block.lines().try_for_each(|line| mutation.take(line)).with_context(|| block.to_owned())?;
        let Mutation { what, file, remove, tests, .. } = &mutation;
        let whole = ![what, file, remove].into_iter().any(String::is_empty) && !tests.is_empty();
        anyhow::ensure!(whole, "what, where, - or > is missing:\n{block}");
        mutations.push(mutation);
    }
    Ok(Area { title: title.trim_end().to_owned(), mutations })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mutation_is_what_it_says() {
        let text = "# Journal\n\n# It stops\na.rs\n- one\n-   two\n+ three\n> p --test t m::n\n> p --test t o\n> q --lib r\n";
        let area = parse(text).unwrap();
        assert_eq!(area.title, "Journal");
        let mutation = &area.mutations[0];
        let said = (&*mutation.what, &*mutation.file, &*mutation.remove, &*mutation.insert);
        assert_eq!(said, ("It stops", "a.rs", "one\n  two", "three"));
        let runs: Vec<_> = mutation.runs().map(<[Test]>::len).collect();
        assert_eq!(runs, [2, 1]);
        assert_eq!(mutation.tests[0].target, ["--test", "t"]);
        assert!(mutation.is_about("m::n") && mutation.is_about("stops") && !mutation.is_about("never"));
        assert!(parse("# Journal\n\n# It stops\na.rs\n> p --lib r\n").is_err());
    }
}
