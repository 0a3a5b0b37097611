//! A destination in memory that keeps its promises: records and checkpoint together, or neither.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use kalends_sink::{Checkpoint, Failure, JournalId, Pacing, Record, Sink, Stream};

/// A record as it was committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) topic: String,
    pub(crate) key: String,
    pub(crate) position: u64,
    pub(crate) reason: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) event_id: Option<String>,
    pub(crate) datum: Vec<u8>,
}

/// What outlives a sink: the destination itself.
#[derive(Debug, Default)]
pub(crate) struct Store {
    pub(crate) kept: Vec<Kept>,
    pub(crate) checkpoint: Option<Checkpoint>,
    /// What the next calls of connect, write or commit answer; `None` goes through.
    pub(crate) script: VecDeque<Option<Failure>>,
    /// Records longer than this are refused.
    pub(crate) most_bytes: Option<usize>,
    /// Commits with such a record are refused as a whole.
    pub(crate) refuses: Option<fn(&Kept) -> bool>,
    /// Commits with such a record time out.
    pub(crate) times_out: Option<fn(&Kept) -> bool>,
    pub(crate) connects: usize,
    /// Done once, amid the next connect.
    pub(crate) amid_connect: Option<Deed>,
}

/// Something that a test does at a moment of its choice.
pub(crate) struct Deed(pub(crate) Box<dyn FnOnce() + Send>);

impl fmt::Debug for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Deed")
    }
}

/// A handle to the destination, for the sink and for the test.
#[derive(Debug, Clone, Default)]
pub(crate) struct Memory(Arc<Mutex<Store>>);

impl Memory {
    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        self.0.lock().unwrap()
    }

    pub(crate) fn sink(&self) -> Box<dyn Sink> {
        Box::new(MemorySink { store: self.clone(), streams: Vec::new(), written: Vec::new() })
    }

    fn answer(&self) -> Result<(), Failure> {
        self.store().script.pop_front().flatten().map_or(Ok(()), Err)
    }

    /// The positions delivered, in order.
    pub(crate) fn positions(&self) -> Vec<u64> {
        self.store().kept.iter().map(|kept| kept.position).collect()
    }
}

struct MemorySink {
    store: Memory,
    streams: Vec<Stream>,
    written: Vec<Kept>,
}

impl Sink for MemorySink {
    fn connect(&mut self, _: JournalId, streams: &[Stream]) -> Result<Option<Checkpoint>, Failure> {
        self.written.clear();
        self.store.store().connects += 1;
        let deed = self.store.store().amid_connect.take();
        if let Some(Deed(act)) = deed {
            act();
        }
        self.store.answer()?;
        self.streams = streams.to_vec();
        Ok(self.store.store().checkpoint)
    }

    fn write(&mut self, records: &[Record<'_>]) -> Result<(), Failure> {
        self.store.answer()?;
        let most = self.store.store().most_bytes;
        for record in records {
            if most.is_some_and(|most| record.datum.len() > most) {
                let (position, message) = (record.position, "larger than this destination takes".to_owned());
                return Err(Failure::Data { position, reason: "too-large", message });
            }
            self.written.push(Kept {
                topic: self.streams[record.stream].topic.to_string(),
                key: record.key.to_owned(),
                position: record.position,
                reason: record.dead_letter.map(|(reason, _)| reason.to_owned()),
                message: record.dead_letter.map(|(_, message)| message.to_owned()),
                event_id: record.event_id.map(str::to_owned),
                datum: record.datum.to_vec(),
            });
        }
        Ok(())
    }

    fn commit(&mut self, checkpoint: Checkpoint) -> Result<(), Failure> {
        self.store.answer()?;
        let mut store = self.store.store();
        if store.refuses.is_some_and(|refuses| self.written.iter().any(refuses)) {
            return Err(Failure::Refused { code: "23514".to_owned(), message: "a check".to_owned() });
        }
        if store.times_out.is_some_and(|times_out| self.written.iter().any(times_out)) {
            return Err(Failure::retry("timed out"));
        }
        store.kept.append(&mut self.written);
        store.checkpoint = Some(checkpoint);
        Ok(())
    }

    fn pacing(&self) -> Pacing {
        Pacing { records: 7, bytes: 1 << 20, delay: Duration::from_millis(5) }
    }
}
