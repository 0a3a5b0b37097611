use std::{
    fs, io,
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
};

use kalends_normalise::Source;

use super::Fault;

/// Largest schema file: far above any schema, and below what a wrong path could fill the memory with.
const LARGEST: u64 = 4 << 20;

/// A schema file, read.
#[derive(Debug)]
pub(super) struct File {
    pub(super) path: PathBuf,
    /// The file's name in errors.
    pub(super) name: String,
    /// The name of its record, if it says one.
    pub(super) record: Option<String>,
    text: String,
}

impl File {
    pub(super) fn source(&self) -> Source<'_> {
        Source { name: &self.name, text: &self.text }
    }
}

/// Every `*.avsc` directly in `directory`, by name, but for hidden ones; and what can't be read.
pub(super) fn read(directory: &Path) -> (Vec<File>, Vec<Fault>) {
    let (mut files, mut faults) = (Vec::new(), Vec::new());
    let paths = paths(directory).unwrap_or_else(|error| {
        let message = format!("{}: the directory of schemas can't be read: {error}", directory.display());
        faults.push(Fault { path: directory.to_owned(), message });
        Vec::new()
    });
    for path in paths {
        let name = path.display().to_string();
        match text(&path) {
            Ok(text) => files.push(File { record: record_name(&text), path, name, text }),
            Err(error) => {
                faults.push(Fault { message: format!("{name}: the schema can't be read: {error}"), path });
            }
        }
    }
    (files, faults)
}

fn paths(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let is_schema = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("avsc"));
        // Editors and copying programs put files of their own beside: `.#x.avsc`, `._x.avsc`.
        let is_hidden = path.file_name().is_some_and(|name| name.as_bytes().starts_with(b"."));
        if is_schema && !is_hidden {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn text(path: &Path) -> io::Result<String> {
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    if metadata.len() > LARGEST {
        return Err(io::Error::other(format!("it has more than {LARGEST} bytes, as no schema has")));
    }
    fs::read_to_string(path)
}

fn record_name(text: &str) -> Option<String> {
    let schema: serde_json::Value = serde_json::from_str(text).ok()?;
    schema.get("name")?.as_str().map(str::to_owned)
}
