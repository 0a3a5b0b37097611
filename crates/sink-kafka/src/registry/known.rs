use std::{
    io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The ids that a sink has learnt, kept in a file.
///
/// What is known of one registry is never used with another: ids differ between them. A registry is recognised by any of
/// its addresses.
#[derive(Debug)]
pub(super) struct Known {
    path: Option<PathBuf>,
    urls: Vec<String>,
    contents: Contents,
    is_changed: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct Contents {
    version: u32,
    registries: Vec<Registry>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Registry {
    urls: Vec<String>,
    ids: Vec<Entry>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    subject: String,
    /// SHA-256 of the schema's text, in hexadecimal.
    schema: String,
    id: u32,
}

impl Default for Contents {
    fn default() -> Self {
        Self { version: 1, registries: Vec::new() }
    }
}

impl Known {
    /// Ids that are known of the registry with these addresses.
    pub(super) fn read(path: Option<&Path>, urls: Vec<String>) -> io::Result<Self> {
        let bytes = path.map(kalends_note::read).transpose()?.flatten();
        let contents = bytes.map(|bytes| contents(&bytes)).transpose()?.unwrap_or_default();
        Ok(Self { path: path.map(Path::to_owned), urls, contents, is_changed: false })
    }

    /// The id of this schema under this subject.
    pub(super) fn id(&self, subject: &str, schema: &str) -> Option<u32> {
        let digest = digest(schema);
        let here = |registry: &&Registry| registry.urls.iter().any(|url| self.urls.contains(url));
        let mut entries = self.contents.registries.iter().filter(here).flat_map(|registry| &registry.ids);
        entries.find(|entry| entry.subject == subject && entry.schema == digest).map(|entry| entry.id)
    }

    /// Notes an id that was not known.
    pub(super) fn learn(&mut self, subject: &str, schema: &str, id: u32) {
        let new = Entry { subject: subject.to_owned(), schema: digest(schema), id };
        let urls = &self.urls;
        let here = |registry: &&mut Registry| registry.urls.iter().any(|url| urls.contains(url));
        match self.contents.registries.iter_mut().find(here) {
            Some(registry) => registry.ids.push(new),
            None => self.contents.registries.push(Registry { urls: urls.clone(), ids: vec![new] }),
        }
        self.is_changed = true;
    }

    /// Keeps what was learnt, and every address by which the registry goes now. Durable when this returns.
    pub(super) fn keep(&mut self) -> io::Result<()> {
        let urls = &self.urls;
        let here = |registry: &&mut Registry| registry.urls.iter().any(|url| urls.contains(url));
        if let Some(registry) = self.contents.registries.iter_mut().find(here) {
            for url in urls {
                if !registry.urls.contains(url) {
                    registry.urls.push(url.clone());
                    self.is_changed = true;
                }
            }
        }
        let Some(path) = self.path.as_ref().filter(|_| self.is_changed) else { return Ok(()) };
        kalends_note::replace(path, &serde_json::to_vec_pretty(&self.contents)?)?;
        self.is_changed = false;
        Ok(())
    }
}

fn contents(bytes: &[u8]) -> io::Result<Contents> {
    let contents: Contents = serde_json::from_slice(bytes)?;
    if contents.version != 1 {
        return Err(io::Error::other(format!(
            "it is of version {}, which is not known here",
            contents.version
        )));
    }
    Ok(contents)
}

fn digest(schema: &str) -> String {
    Sha256::digest(schema).iter().fold(String::new(), |digits, byte| digits + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn known(path: &Path, urls: &[&str]) -> Known {
        Known::read(Some(path), urls.iter().map(|url| (*url).to_owned()).collect()).unwrap()
    }

    #[test]
    fn an_id_is_kept_for_its_schema_subject_and_registry_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("sinks/kafka.schema-ids");
        let mut first = known(&path, &["http://a"]);
        first.learn("s", "one", 7);
        first.keep().unwrap();
        let again = known(&path, &["http://a"]);
        assert_eq!(again.id("s", "one"), Some(7));
        assert_eq!(again.id("s", "two"), None);
        assert_eq!(again.id("t", "one"), None);
        assert_eq!(known(&path, &["http://b"]).id("s", "one"), None);
    }

    #[test]
    fn a_registry_is_recognised_by_any_of_its_addresses() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ids");
        let mut first = known(&path, &["http://a"]);
        first.learn("s", "one", 7);
        first.keep().unwrap();
        known(&path, &["http://b", "http://a"]).keep().unwrap();
        assert_eq!(known(&path, &["http://b"]).id("s", "one"), Some(7));
    }

    #[test]
    fn a_file_that_is_damaged_or_newer_is_an_error_and_stays_as_it_is() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ids");
        for text in ["{", r#"{"version":2,"registries":[]}"#] {
            fs::write(&path, text).unwrap();
            assert!(Known::read(Some(&path), Vec::new()).is_err(), "{text}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
    }
}
