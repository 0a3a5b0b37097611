//! The memory of subscriptions: an embedded database, one file for each sink and shard.

use std::{
    collections::BTreeMap,
    fs::{self, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use redb::{
    Database, DatabaseError, ReadableDatabase, ReadableTable as _, ReadableTableMetadata, TableDefinition,
    backends::FileBackend,
};

use crate::subscription::Known;

const SUBSCRIPTIONS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("subscriptions");

/// Facts about the whole.
const FACTS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("facts");

/// The fields that the sink may not see as they are, when anything was remembered last.
const ALTERED: &str = "altered";

/// Size of the database's cache, in bytes.
const CACHE: usize = 16 << 20;

/// Subscriptions, by their ids. Without a path they are forgotten with the process, as in a replay.
pub(crate) struct Memory {
    path: Option<PathBuf>,
    database: Option<Database>,
    /// Knowledge that is not written yet; all of it, where there is no database.
    learned: BTreeMap<String, Known>,
    /// The fields that the sink may not see as they are.
    altered: Vec<String>,
}

/// The memory can't be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MemoryError {
    /// The file is in use by another process.
    #[error("{0} is in use by another process: stop that one")]
    InUse(String),
    /// The file can't be read or written.
    #[error("what is remembered of subscriptions can't be used: {path}: {error}")]
    Failed {
        path: String,
        error: String,
        /// True where the failure may pass by itself, as when there is no room.
        may_pass: bool,
    },
}

impl Memory {
    /// `altered` are the fields that the sink may not see as they are.
    pub(crate) fn new(path: Option<PathBuf>, altered: &[String]) -> Self {
        Self { path, database: None, learned: BTreeMap::new(), altered: altered.to_vec() }
    }

    /// Opens it, unless it is open. Where the sink may see less than when it was written, people are forgotten.
    pub(crate) fn open(&mut self) -> Result<(), MemoryError> {
        let Some(path) = self.path.as_ref().filter(|_| self.database.is_none()) else { return Ok(()) };
        let opened = open(path, &self.altered).map_err(|error| match error {
            redb::Error::DatabaseAlreadyOpen => MemoryError::InUse(path.display().to_string()),
            other => failed(path, &other),
        })?;
        self.database = Some(opened);
        Ok(())
    }

    /// The knowledge of a subscription.
    pub(crate) fn get(&self, id: &str) -> Result<Known, MemoryError> {
        if let Some(known) = self.learned.get(id) {
            return Ok(known.clone());
        }
        let Some(database) = &self.database else { return Ok(Known::default()) };
        read(database, id).map_err(|error| self.failed(&error))
    }

    /// Takes this for the knowledge of a subscription from now on.
    pub(crate) fn learn(&mut self, id: String, known: Known) {
        self.learned.insert(id, known);
    }

    /// Makes durable what was learned.
    pub(crate) fn keep(&mut self) -> Result<(), MemoryError> {
        let Some(database) = self.database.as_ref().filter(|_| !self.learned.is_empty()) else {
            return Ok(());
        };
        write(database, &self.learned).map_err(|error| self.failed(&error))?;
        self.learned.clear();
        Ok(())
    }

    /// The number of subscriptions that are remembered.
    pub(crate) fn len(&self) -> u64 {
        let count = |database: &Database| -> Result<u64, redb::Error> {
            Ok(database.begin_read()?.open_table(SUBSCRIPTIONS)?.len()?)
        };
        self.database.as_ref().and_then(|database| count(database).ok()).unwrap_or_default()
    }

    fn failed(&self, error: &redb::Error) -> MemoryError {
        failed(self.path.as_deref().unwrap_or(Path::new("")), error)
    }
}

fn open(path: &Path, altered: &[String]) -> Result<Database, redb::Error> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    // Addresses stand in it.
    let file =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o640).open(path)?;
    let backend = FileBackend::new(file).map_err(of_open)?;
    let database = Database::builder().set_cache_size(CACHE).create_with_backend(backend).map_err(of_open)?;
    follow_privacy(&database, altered)?;
    Ok(database)
}

/// Takes the people out, where a field is altered now that was not when they were written, and notes what is altered. Makes the
/// tables, so that a reader finds them.
fn follow_privacy(database: &Database, altered: &[String]) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    {
        let mut facts = transaction.open_table(FACTS)?;
        let mut subscriptions = transaction.open_table(SUBSCRIPTIONS)?;
        let before: Vec<String> = match facts.get(ALTERED)? {
            Some(noted) => serde_json::from_slice(noted.value()).map_err(|error| corrupted(&error))?,
            None => Vec::new(),
        };
        if altered.iter().any(|field| !before.contains(field)) {
            let ids = subscriptions.iter()?.map(|entry| Ok(entry?.0.value().to_owned()));
            for id in ids.collect::<Result<Vec<String>, redb::Error>>()? {
                let known: Option<Known> = match subscriptions.get(id.as_str())? {
                    Some(found) => {
                        Some(serde_json::from_slice(found.value()).map_err(|error| corrupted(&error))?)
                    }
                    None => None,
                };
                let Some(known) = known else { continue };
                let bytes = serde_json::to_vec(&known.without_person()).map_err(|error| corrupted(&error))?;
                subscriptions.insert(id.as_str(), bytes.as_slice())?;
            }
        }
        if altered != before {
            let bytes = serde_json::to_vec(altered).map_err(|error| corrupted(&error))?;
            facts.insert(ALTERED, bytes.as_slice())?;
        }
    }
    transaction.commit()?;
    Ok(())
}

fn corrupted(error: &serde_json::Error) -> redb::Error {
    redb::Error::Corrupted(error.to_string())
}

fn of_open(error: DatabaseError) -> redb::Error {
    match error {
        DatabaseError::DatabaseAlreadyOpen => redb::Error::DatabaseAlreadyOpen,
        other => other.into(),
    }
}

fn read(database: &Database, id: &str) -> Result<Known, redb::Error> {
    let table = database.begin_read()?.open_table(SUBSCRIPTIONS)?;
    let Some(found) = table.get(id)? else { return Ok(Known::default()) };
    serde_json::from_slice(found.value()).map_err(|error| corrupted(&error))
}

fn write(database: &Database, learned: &BTreeMap<String, Known>) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    {
        let mut table = transaction.open_table(SUBSCRIPTIONS)?;
        for (id, known) in learned {
            let bytes = serde_json::to_vec(known).map_err(|error| corrupted(&error))?;
            table.insert(id.as_str(), bytes.as_slice())?;
        }
    }
    transaction.commit()?;
    Ok(())
}

fn failed(path: &Path, error: &redb::Error) -> MemoryError {
    let may_pass = match error {
        redb::Error::Io(error) => error.kind() != io::ErrorKind::InvalidData,
        redb::Error::PreviousIo => true,
        _ => false,
    };
    MemoryError::Failed { path: path.display().to_string(), error: error.to_string(), may_pass }
}

impl From<MemoryError> for kalends_sink::Failure {
    fn from(error: MemoryError) -> Self {
        match &error {
            MemoryError::Failed { may_pass: true, .. } => Self::retry(error.to_string()),
            MemoryError::Failed { .. } => Self::hold(format!(
                "{error}; put it back from a backup of the journal's directory, or move it away: then events about subscriptions \
                 from before are about nobody known"
            )),
            MemoryError::InUse(_) => Self::hold(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Identity;

    fn known(value: &str) -> Known {
        let identity = Some(Identity { field: "email_address".into(), value: value.into() });
        Known { identity, removed_at: Some(7), ..Known::default() }
    }

    #[test]
    fn what_was_kept_is_known_to_the_next_process_and_what_was_not_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sinks/crm.identities.redb");
        let mut memory = Memory::new(Some(path.clone()), &[]);
        memory.open().unwrap();
        assert_eq!(memory.get("a").unwrap(), Known::default());
        memory.learn("a".into(), known("x"));
        memory.keep().unwrap();
        memory.learn("b".into(), known("y"));
        assert_eq!(memory.get("b").unwrap(), known("y"));
        let mut other = Memory::new(Some(path.clone()), &[]);
        assert!(matches!(other.open(), Err(MemoryError::InUse(_))));
        drop(memory);
        other.open().unwrap();
        assert_eq!(other.get("a").unwrap(), known("x"));
        assert_eq!(other.get("b").unwrap(), Known::default());
        assert_eq!(other.len(), 1);
    }

    #[test]
    fn a_file_that_is_no_database_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("crm.identities.redb");
        fs::write(&path, vec![7; 10_000]).unwrap();
        let error = Memory::new(Some(path), &[]).open().unwrap_err();
        assert!(matches!(kalends_sink::Failure::from(error), kalends_sink::Failure::Hold { .. }));
    }

    #[test]
    fn people_are_forgotten_when_the_sink_may_see_less_than_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("crm.identities.redb");
        let opened = |altered: &[&str]| {
            let altered: Vec<String> = altered.iter().map(|field| (*field).to_owned()).collect();
            let mut memory = Memory::new(Some(path.clone()), &altered);
            memory.open().unwrap();
            memory
        };
        let mut memory = opened(&["post_code"]);
        memory.learn("a".into(), known("x"));
        memory.keep().unwrap();
        drop(memory);
        assert_eq!(opened(&["post_code"]).get("a").unwrap(), known("x"));
        assert_eq!(opened(&["email_address", "post_code"]).get("a").unwrap(), known("x").without_person());
        let mut memory = opened(&["email_address"]);
        memory.learn("a".into(), known("hashed"));
        memory.keep().unwrap();
        drop(memory);
        assert_eq!(opened(&["email_address"]).get("a").unwrap(), known("hashed"));
    }
}
