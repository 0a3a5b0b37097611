use std::{any::Any, fmt, io, sync::Arc};

use serde::{Serialize, de::DeserializeOwned};

use crate::ShardId;

/// Small notes, kept durably beside a journal. A name is a plain file name: no path, no white space.
///
/// Whoever owns a shard next finds what its former owner has noted. Every call blocks.
pub trait StateStore: fmt::Debug + Send + Sync {
    /// Reads the note `name`; `None` where there is none.
    ///
    /// # Errors
    /// The note is there and can't be read.
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>>;

    /// Has `bytes` stand under `name`, in place of what stood there. Durable when this returns.
    ///
    /// # Errors
    /// The note can't be written; then the old one stands there, or it is not known whether the new one is durable.
    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()>;

    /// Adds `bytes` to what stands under `name`. Durable when this returns.
    ///
    /// # Errors
    /// The note can't be written; then any part of `bytes` may stand there.
    fn append(&self, name: &str, bytes: &[u8]) -> io::Result<()>;

    /// Removes what stands under `name`, if anything does. Durable when this returns.
    ///
    /// # Errors
    /// The note can't be removed, or it is not known whether it will be there again after a power cut.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Keeps others that take this lock waiting until the lock is dropped.
    ///
    /// # Errors
    /// The lock can't be taken.
    fn lock(&self) -> io::Result<StateLock>;

    /// The place of the note `name`, as messages say it.
    fn place(&self, name: &str) -> String;
}

/// A lock of a store of notes, held until it is dropped.
pub struct StateLock(Option<Box<dyn Any + Send>>);

impl StateLock {
    /// A lock that is released when `guard` is dropped; `None` where a store needs none.
    #[must_use]
    pub fn new(guard: Option<Box<dyn Any + Send>>) -> Self {
        Self(guard)
    }
}

impl fmt::Debug for StateLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StateLock").field(&self.0.is_some()).finish()
    }
}

/// The notes of one sink for one shard.
#[derive(Debug, Clone)]
pub struct SinkNotes {
    store: Arc<dyn StateStore>,
    owner: String,
}

impl SinkNotes {
    /// The notes of the sink with this name for `shard`.
    #[must_use]
    pub fn new(store: Arc<dyn StateStore>, sink: &str, shard: ShardId) -> Self {
        Self { store, owner: shard.qualify(sink) }
    }

    /// The note `what`, such as `json`.
    #[must_use]
    pub fn note(&self, what: &str) -> Note {
        Note::new(Arc::clone(&self.store), format!("{}.{what}", self.owner))
    }
}

/// A note of a store.
#[derive(Debug, Clone)]
pub struct Note {
    store: Arc<dyn StateStore>,
    name: String,
}

impl Note {
    /// The note under `name`.
    #[must_use]
    pub fn new(store: Arc<dyn StateStore>, name: String) -> Self {
        Self { store, name }
    }

    /// Reads the note.
    ///
    /// # Errors
    /// Those of [`StateStore::read`].
    pub fn read(&self) -> io::Result<Option<Vec<u8>>> {
        self.store.read(&self.name)
    }

    /// Reads the note from JSON.
    ///
    /// # Errors
    /// The note is there and can't be read, or is no such JSON.
    pub fn read_json<T: DeserializeOwned>(&self) -> io::Result<Option<T>> {
        Ok(self.read()?.map(|bytes| serde_json::from_slice(&bytes)).transpose()?)
    }

    /// Replaces the note.
    ///
    /// # Errors
    /// Those of [`StateStore::replace`].
    pub fn replace(&self, bytes: &[u8]) -> io::Result<()> {
        self.store.replace(&self.name, bytes)
    }

    /// Replaces the note, with JSON.
    ///
    /// # Errors
    /// Those of [`StateStore::replace`]; or `value` can't be written as JSON.
    pub fn replace_json(&self, value: &impl Serialize) -> io::Result<()> {
        self.replace(&serde_json::to_vec(value)?)
    }

    /// Adds to the note.
    ///
    /// # Errors
    /// Those of [`StateStore::append`].
    pub fn append(&self, bytes: &[u8]) -> io::Result<()> {
        self.store.append(&self.name, bytes)
    }

    /// Removes the note.
    ///
    /// # Errors
    /// Those of [`StateStore::remove`].
    pub fn remove(&self) -> io::Result<()> {
        self.store.remove(&self.name)
    }

    /// Takes the lock of the store.
    ///
    /// # Errors
    /// Those of [`StateStore::lock`].
    pub fn lock(&self) -> io::Result<StateLock> {
        self.store.lock()
    }

    /// The note's place, as messages say it.
    #[must_use]
    pub fn place(&self) -> String {
        self.store.place(&self.name)
    }
}
