use std::{
    cell::LazyCell,
    collections::BTreeMap,
    ffi::OsString,
    fs::File,
    io::Read as _,
    path,
    thread::{self, ScopedJoinHandle},
};

use kalends_sink::SinkKinds;
use kalends_value::{Content, Misfit, Node, Origin, Path, Step, hints};

use super::{
    Place, Problem, Problems, Settings, check,
    overrides::{PREFIX, path_of},
    schema, sinks, tree,
};

/// The configuration that is used when no file is given.
pub const EMBEDDED: &str = include_str!("../../../config/kalends.yaml");

/// Largest file that is taken for a configuration, in bytes.
const LARGEST: u64 = 1 << 20;
/// Enough for whatever nesting so large a file may open.
const STACK: usize = 256 << 20;

const EMBEDDED_NAME: &str = "built-in kalends.yaml";

/// Choice of the secrets that are read. Whoever may see none can then give a command that uses none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretUse<'a> {
    /// All.
    All,
    /// None.
    None,
    /// Those of the sink with this name.
    Sink(&'a str),
    /// The key of the hashes of the sink with this name.
    HashKey(&'a str),
    /// Those of all sinks.
    Sinks,
}

impl SecretUse<'_> {
    fn reads(self, path: &Path) -> bool {
        let key = |index: usize| match path.steps().get(index) {
            Some(Step::Key(key)) => Some(key.as_str()),
            Some(Step::Item(_)) | None => None,
        };
        match self {
            Self::All => true,
            Self::None => false,
            Self::Sink(name) => key(0) == Some("sinks") && key(1) == Some(name),
            Self::HashKey(name) => {
                [key(0), key(1), key(2), key(3)] == [Some("sinks"), Some(name), Some("privacy"), Some("key")]
            }
            Self::Sinks => key(0) == Some("sinks"),
        }
    }
}

/// Reads the configuration with all of its secrets, as [`load_with`] does.
///
/// # Errors
/// Every [`Problem`] at once.
pub fn load(
    path: Option<&path::Path>,
    env: impl Iterator<Item = (OsString, OsString)>,
    kinds: SinkKinds,
) -> Result<Settings, Problems> {
    load_with(path, env, kinds, SecretUse::All)
}

/// Reads the configuration: the file at `path`, or [`EMBEDDED`] without one; over it the variables of `env` that begin with
/// `KALENDS__`; below both the defaults. `kinds` are the kinds that sinks may have. Secrets are read from `env` and from files, as
/// far as `secrets` says; the others stay empty, and nothing is held against them.
///
/// # Errors
/// Every [`Problem`] at once.
pub fn load_with(
    path: Option<&path::Path>,
    env: impl Iterator<Item = (OsString, OsString)>,
    kinds: SinkKinds,
    secrets: SecretUse<'_>,
) -> Result<Settings, Problems> {
    let name = path.map_or_else(|| EMBEDDED_NAME.to_owned(), |path| path.display().to_string());
    let mut root = read_tree(path, &name).map_err(|problem| Problems::new(vec![problem]))?;
    let mut problems = Vec::new();
    let env = read_variables(env, &mut problems);
    let names = LazyCell::new(|| schema::keys_of_names(&schema::value(kinds)));
    let holds_names = |key: &str| names.contains(key);
    for (variable, value) in &env {
        match path_of(variable, holds_names) {
            Some(Ok(path)) => root = root.with(&path, variable, value.clone()),
            Some(Err(problem)) => problems.push(problem),
            None => {}
        }
    }
    let (mut settings, misfits) = read(root.clone(), kinds);
    let reads = |path: &Path| secrets.reads(path);
    let mut faults = check::check(&mut settings, &|name| env.get(name).cloned(), &reads);
    faults.retain(|(path, _)| reads(path) || !is_reference(&root, path));
    // What was taken out because it does not fit can't be missed as well.
    faults.retain(|(path, message)| {
        let is_sure = message == check::NAME_RULE;
        is_sure || !misfits.iter().any(|(misfit, _)| misfit.starts_with(path) || path.starts_with(misfit))
    });
    let faults = misfits.into_iter().chain(faults);
    problems.extend(faults.map(|(path, message)| Problem {
        place: place(&name, root.origin(&path)),
        key: path.to_string(),
        message,
    }));
    if problems.is_empty() { Ok(settings) } else { Err(Problems::new(problems)) }
}

/// Returns whether a reference to a secret stands at `path`.
fn is_reference(root: &Node, path: &Path) -> bool {
    let mut steps = path.steps().iter();
    let at = steps.try_fold(root, |node, step| match (step, &node.content) {
        (Step::Key(key), _) => node.get(key),
        (Step::Item(index), Content::List(items)) => items.get(*index),
        (Step::Item(_), _) => None,
    });
    at.is_some_and(|node| node.get("env").is_some() || node.get("file").is_some())
}

fn read(mut root: Node, kinds: SinkKinds) -> (Settings, Vec<Misfit>) {
    let (sinks, mut misfits) = sinks::read(&mut root, kinds);
    let (settings, others) = kalends_value::read::<Settings>(root);
    misfits.extend(others);
    (Settings { sinks, ..settings.unwrap_or_default() }, misfits)
}

fn place(file: &str, origin: &Origin) -> Place {
    match origin {
        Origin::File { line, column } => Place::File { name: file.to_owned(), line: *line, column: *column },
        Origin::Variable(name) => Place::Variable(name.clone()),
    }
}

/// The variables that are text. Others are told of if they are meant for kalends; other programs' may be what they like.
fn read_variables(
    env: impl Iterator<Item = (OsString, OsString)>,
    problems: &mut Vec<Problem>,
) -> BTreeMap<String, String> {
    let mut read = BTreeMap::new();
    for (name, value) in env {
        match (name.into_string(), value.into_string()) {
            (Ok(name), Ok(value)) => drop(read.insert(name, value)),
            (name, _) => {
                let name = name.unwrap_or_else(|name| name.to_string_lossy().into_owned());
                if name.starts_with(PREFIX) {
                    let message = "this is no text in UTF-8; set it again".to_owned();
                    problems.push(Problem { place: Place::Variable(name), key: String::new(), message });
                }
            }
        }
    }
    read
}

/// The operating system's words, and what to do.
fn of_system(error: &std::io::Error) -> String {
    format!("{error}{}", hints::of_file(error))
}

fn read_tree(path: Option<&path::Path>, name: &str) -> Result<Node, Problem> {
    let Some(path) = path else { return tree::read(name, EMBEDDED) };
    let unreadable = |message: String| Problem {
        place: Place::File { name: name.to_owned(), line: 0, column: 0 },
        key: String::new(),
        message: format!("the configuration can't be read: {message}"),
    };
    let mut text = String::new();
    let file = File::open(path).map_err(|error| unreadable(of_system(&error)))?;
    file.take(LARGEST + 1).read_to_string(&mut text).map_err(|error| unreadable(of_system(&error)))?;
    if u64::try_from(text.len()).is_ok_and(|length| length > LARGEST) {
        return Err(unreadable("it is larger than 1 MiB, which no configuration is".to_owned()));
    }
    // The parser takes stack for each level of nesting that a line opens, and a reload runs on a small one.
    let read = || tree::read(name, &text);
    let read = thread::scope(|scope| {
        let builder = thread::Builder::new().name("configuration".to_owned()).stack_size(STACK);
        builder.spawn_scoped(scope, read).map(ScopedJoinHandle::join)
    });
    match read {
        Ok(Ok(tree)) => tree,
        Ok(Err(_panicked)) => Err(unreadable("the parser of YAML died".to_owned())),
        Err(error) => Err(unreadable(error.to_string())),
    }
}

#[cfg(test)]
mod tests;
