use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::people::{ForgottenPeople, Person};
use crate::privacy::Key;

/// The list of forgotten people beside a journal: a file of hashes, and a file with their key.
#[derive(Debug, Clone)]
pub struct ForgetList {
    directory: PathBuf,
}

/// The list can't be used.
#[derive(Debug, thiserror::Error)]
#[error("the list of forgotten people can't be used: {path}: {source}", path = path.display())]
pub struct ListError {
    /// The file.
    pub path: PathBuf,
    /// The fault.
    pub source: io::Error,
}

/// The content of the list.
#[derive(Debug, Clone, Default)]
pub struct Listed {
    /// Grows by one with each change; 0 is the empty list of an installation that never forgot anybody.
    pub revision: u64,
    /// The people.
    pub people: ForgottenPeople,
}

#[derive(Default, Serialize, Deserialize)]
struct Stored {
    revision: u64,
    hashes: BTreeSet<String>,
}

impl ForgetList {
    /// The list beside the journal in this directory.
    #[must_use]
    pub fn of(journal: &Path) -> Self {
        Self { directory: journal.join("forgotten") }
    }

    /// The file of hashes.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.directory.join("list.json")
    }

    /// The file with the key.
    #[must_use]
    pub fn key_path(&self) -> PathBuf {
        self.directory.join("key")
    }

    /// Reads the list.
    ///
    /// # Errors
    /// A file is there and can't be read, or the key is missing.
    pub fn read(&self) -> Result<Listed, ListError> {
        let path = self.path();
        let stored = kalends_note::read_json::<Stored>(&path);
        let Some(stored) = stored.map_err(|source| ListError { path, source })? else {
            return Ok(Listed::default());
        };
        let people = ForgottenPeople::new(&self.key()?, stored.hashes);
        Ok(Listed { revision: stored.revision, people })
    }

    /// Puts people on the list, and makes it if there is none. Durable when this returns; dying before leaves the list as it was.
    ///
    /// # Errors
    /// A file can't be read or written.
    pub fn add(&self, people: &[Person]) -> Result<Listed, ListError> {
        let path = self.path();
        let failed = |source| ListError { path: path.clone(), source };
        fs::create_dir_all(&self.directory).map_err(failed)?;
        let _turn = kalends_note::lock(&self.directory).map_err(failed)?;
        let stored = kalends_note::read_json::<Stored>(&path).map_err(failed)?.unwrap_or_default();
        if stored.revision == 0 {
            self.make_key()?;
        }
        let people = ForgottenPeople::new(&self.key()?, stored.hashes.clone()).with(people);
        let listed = Listed { revision: stored.revision + 1, people };
        let stored = Stored { revision: listed.revision, hashes: listed.people.hashes().clone() };
        kalends_note::replace_json(&path, &stored).map_err(failed)?;
        Ok(listed)
    }

    /// A key, unless one is there already: of a list that was not written any more.
    fn make_key(&self) -> Result<(), ListError> {
        let path = self.key_path();
        let failed = |source| ListError { path: path.clone(), source };
        if kalends_note::read(&path).map_err(failed)?.is_some_and(|key| key.len() == 2 * KEY_BYTES) {
            return Ok(());
        }
        let key = random().map_err(failed)?;
        kalends_note::replace(&path, key.as_bytes()).map_err(failed)
    }

    fn key(&self) -> Result<Key, ListError> {
        let path = self.key_path();
        let key = kalends_note::read(&path).and_then(|key| key.ok_or_else(|| io::ErrorKind::NotFound.into()));
        let key = key.map_err(|source| ListError { path: path.clone(), source })?;
        if key.len() != 2 * KEY_BYTES {
            return Err(ListError { path, source: io::Error::other("this is no key") });
        }
        Ok(Key::new(key))
    }
}

/// Length of the key.
const KEY_BYTES: usize = 32;

/// A new key, in hexadecimal digits.
pub(super) fn random() -> io::Result<String> {
    let mut bytes = [0; KEY_BYTES];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes.iter().fold(String::with_capacity(2 * KEY_BYTES), |mut text, byte| {
        // Writing to a string can't fail.
        write!(text, "{byte:02x}").ok();
        text
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person() -> Person {
        Person::Email("planted@example.org".to_owned())
    }

    #[test]
    fn a_list_outlives_its_process_and_says_nothing_by_itself() {
        let journal = tempfile::tempdir().unwrap();
        let list = ForgetList::of(journal.path());
        assert_eq!(list.read().unwrap().revision, 0);
        list.add(&[person()]).unwrap();
        list.add(&[person(), Person::Subscription("s1".to_owned())]).unwrap();
        let listed = ForgetList::of(journal.path()).read().unwrap();
        assert_eq!((listed.revision, listed.people.len()), (2, 2));
        let text = fs::read_to_string(list.path()).unwrap();
        assert!(!text.contains("planted") && !text.contains("s1\""), "{text}");
    }

    #[test]
    fn a_list_without_its_key_or_with_something_else_in_its_place_is_not_taken_for_an_empty_one() {
        let journal = tempfile::tempdir().unwrap();
        let list = ForgetList::of(journal.path());
        list.add(&[person()]).unwrap();
        let key = fs::read(list.key_path()).unwrap();
        fs::write(list.key_path(), &key[1..]).unwrap();
        assert!(list.read().is_err() && list.add(&[person()]).is_err());
        fs::remove_file(list.key_path()).unwrap();
        assert!(list.read().is_err() && list.add(&[person()]).is_err());
        fs::write(list.key_path(), &key).unwrap();
        fs::write(list.path(), "{").unwrap();
        assert!(list.read().is_err());
    }
}
