//! The record types that are served: the built-in schemas, and over them those in the operator's directory.

mod files;

use std::path::{Path, PathBuf};

use kalends_normalise::{Field, Personal, Plan, RecordType, Source, TimeUnit};

use self::files::File;

/// A fault of one schema file, or of the directory, or a note on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file, or the directory.
    pub path: PathBuf,
    /// The fault and its remedy; names the file.
    pub message: String,
}

/// Everything that is wrong with the schemas in a directory; never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(|fault| fault.message.as_str()).collect::<Vec<_>>().join("\n"))]
pub struct Faults(pub Vec<Fault>);

/// A directory of `.avsc` files, read and compiled over the built-in schemas.
#[derive(Debug)]
pub struct Catalogue {
    /// The compiled record types.
    pub plan: Plan,
    files: Vec<File>,
}

impl Catalogue {
    /// Reads every `*.avsc` in `directory`, by name; without a directory the built-in schemas stand alone.
    ///
    /// # Errors
    /// Every file that can't be read or used, each with its reason; a directory that can't be read.
    pub fn read(directory: Option<&Path>, unit: TimeUnit) -> Result<Self, Faults> {
        let (mut files, mut faults) = directory.map(files::read).unwrap_or_default();
        // One fault ends a compilation; without the file at fault the next one shows.
        loop {
            let sources: Vec<Source<'_>> = files.iter().map(File::source).collect();
            let error = match Plan::compile(&sources, unit) {
                Ok(plan) if faults.is_empty() => return Ok(Self { plan, files }),
                Ok(_) => return Err(Faults(faults)),
                Err(error) => error,
            };
            let guilty = files.iter().position(|file| file.name == error.source_name());
            let path = guilty.map(|index| files.remove(index).path);
            let message = error.to_string();
            faults.push(Fault { path: path.clone().unwrap_or_default(), message });
            if path.is_none() {
                return Err(Faults(faults));
            }
        }
    }

    /// The file that the record type of this full name, in the default unit, comes from; `None` for a built-in one.
    #[must_use]
    pub fn origin(&self, name: &str) -> Option<&Path> {
        self.files.iter().find(|file| file.record.as_deref() == Some(name)).map(|file| file.path.as_path())
    }

    /// The `.avsc` text of the record type with this name, as it was written: with kalends' own attributes.
    #[must_use]
    pub fn source(&self, name: &str) -> Option<&str> {
        let own = self.files.iter().find(|file| file.record.as_deref() == Some(name));
        let built_in = || Source::BUILT_IN.into_iter().find(|source| source.name == format!("{name}.avsc"));
        own.map(|file| file.source().text).or_else(|| built_in().map(|source| source.text))
    }

    /// Notes on the schemas that keep nobody from using them, each with the file that it is about.
    #[must_use]
    pub fn notes(&self) -> Vec<Fault> {
        let note = |(record, field, class): (&RecordType, &Field, Personal)| {
            let path = self.origin(&record.name)?.to_owned();
            let message = format!(
                "{}: field `{}` has no class of personal data, and its name speaks for `{class}`: no rule of `privacy` about that class \
                 touches it. If it holds personal data, add \"personal\": \"{class}\" to its attribute `kalends`",
                path.display(),
                field.name,
            );
            Some(Fault { path, message })
        };
        self.plan.unclassified().filter_map(note).collect()
    }

    /// Number of files of the directory that are in use.
    #[must_use]
    pub fn file_count(&self) -> usize {
        self.files.len()
    }
}

#[cfg(test)]
mod tests;
