use std::io;

use kalends_journal::{StateLock, StateStore};

use super::journal::ShardedJournal;

/// The store of notes as one owner of a shard sees it. What a former owner writes is refused.
#[derive(Debug)]
pub(crate) struct OwnedState {
    journal: ShardedJournal,
    shard: usize,
    epoch: u64,
}

impl OwnedState {
    pub(crate) fn new(journal: ShardedJournal, shard: usize, epoch: u64) -> Self {
        Self { journal, shard, epoch }
    }

    fn change(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        let mut brokers = self.journal.brokers();
        if brokers.shards[self.shard].epoch != self.epoch {
            return Err(io::Error::other("another process owns the shard"));
        }
        change(brokers.notes.entry(name.to_owned()).or_default());
        Ok(())
    }
}

impl StateStore for OwnedState {
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(self.journal.brokers().notes.get(name).filter(|bytes| !bytes.is_empty()).cloned())
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.change(name, |note| bytes.clone_into(note))
    }

    fn append(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.change(name, |note| note.extend_from_slice(bytes))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.change(name, Vec::clear)
    }

    fn lock(&self) -> io::Result<StateLock> {
        Ok(StateLock::new(None))
    }

    fn place(&self, name: &str) -> String {
        format!("note {name}")
    }
}
