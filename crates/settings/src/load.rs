use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs::File,
    io::Read as _,
    path,
    thread::{self, ScopedJoinHandle},
};

use config::{Config, ConfigError, Map, Source, Value};

use super::{
    Place, Problem, Problems, Settings, check,
    overrides::{Override, PREFIX},
    path::Path,
    shape,
    tree::Tree,
};
use crate::hints;

/// The configuration that is used when no file is given.
pub const EMBEDDED: &str = include_str!("../../../config/kalends.yaml");

/// Largest file that is taken for a configuration, in bytes.
const LARGEST: u64 = 1 << 20;
/// Enough for whatever nesting so large a file may open.
const STACK: usize = 256 << 20;

const EMBEDDED_NAME: &str = "built-in kalends.yaml";

/// Reads the configuration: the file at `path`, or [`EMBEDDED`] without one; over it the variables of `env` that begin with
/// `KALENDS__`; below both the defaults. Secrets are read from `env` and from files.
///
/// # Errors
/// Every [`Problem`] at once.
pub fn load(
    path: Option<&path::Path>,
    env: impl Iterator<Item = (OsString, OsString)>,
) -> Result<Settings, Problems> {
    let tree = read_tree(path).map_err(|problem| Problems::new(vec![problem]))?;
    let mut problems = Vec::new();
    let env = read_variables(env, &mut problems);
    let mut overrides = Vec::new();
    for (name, value) in &env {
        match Override::read(name, value) {
            Some(Ok(read)) => overrides.push(read),
            Some(Err(problem)) => problems.push(problem),
            None => {}
        }
    }
    let place = |path: &Path| place(&tree, &overrides, path);
    let (mut settings, misfits) = match merge(&tree, &overrides) {
        Ok(root) => shape::read(root),
        Err(error) => (Settings::default(), vec![(Path::default(), error.to_string())]),
    };
    let mut faults = check::check(&mut settings, &|name| env.get(name).cloned());
    // What was taken out because it does not fit can't be missed as well.
    faults.retain(|(path, message)| {
        let is_sure = message == check::NAME_RULE;
        is_sure || !misfits.iter().any(|(misfit, _)| misfit.starts_with(path) || path.starts_with(misfit))
    });
    let faults = misfits.into_iter().chain(faults);
    problems.extend(faults.map(|(path, message)| Problem {
        place: place(&path),
        key: path.to_string(),
        message,
    }));
    if problems.is_empty() { Ok(settings) } else { Err(Problems::new(problems)) }
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

/// What the operating system said, and what to do.
fn of_system(error: &std::io::Error) -> String {
    format!("{error}{}", hints::of_file(error))
}

fn read_tree(path: Option<&path::Path>) -> Result<Tree, Problem> {
    let Some(path) = path else { return Tree::read(EMBEDDED_NAME, EMBEDDED) };
    let name = path.display().to_string();
    let unreadable = |message: String| Problem {
        place: Place::File { name: name.clone(), line: 0, column: 0 },
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
    let read = || Tree::read(&name, &text);
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

/// The file with the variables over it.
fn merge(tree: &Tree, overrides: &[Override]) -> Result<Map<String, Value>, ConfigError> {
    let mut builder = Config::builder().add_source(Layer(tree.values()));
    for one in overrides {
        builder = builder.set_override(one.path.to_string(), one.value.clone())?;
    }
    builder.build()?.collect()
}

/// The variable that sets the value at `path` or something around it, else the line in the file.
fn place(tree: &Tree, overrides: &[Override], path: &Path) -> Place {
    let variable = overrides.iter().find(|one| path.starts_with(&one.path)).or_else(|| {
        // A variable below may have put the value here, or turned it into something else.
        let list = path.list();
        let puts = |one: &&Override, at: &Path| one.path.starts_with(at) && !tree.has_below(at, &one.path);
        overrides.iter().find(|one| puts(one, path) || puts(one, &list))
    });
    variable.map_or_else(|| tree.place(path), |one| Place::Variable(one.variable.clone()))
}

#[derive(Debug, Clone)]
struct Layer(Map<String, Value>);

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        Ok(self.0.clone())
    }
}

#[cfg(test)]
mod tests;
