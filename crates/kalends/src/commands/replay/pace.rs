use std::{
    collections::BTreeMap,
    mem,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use kalends_sink::{Checkpoint, Failure, JournalId, Pacing, Record, Sink, Stream};

/// Records that were committed, by record type.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally(Arc<Mutex<BTreeMap<String, u64>>>);

impl Tally {
    fn add(&self, records: BTreeMap<String, u64>) {
        let mut tally = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, count) in records {
            *tally.entry(name).or_default() += count;
        }
    }

    pub(super) fn counts(&self) -> BTreeMap<String, u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn total(&self) -> u64 {
        self.counts().values().sum()
    }
}

/// A sink that is given no more than so many records a second, and whose commits are counted.
pub(super) struct Paced {
    inner: Box<dyn Sink>,
    /// Records a second.
    rate: Option<f64>,
    names: Vec<String>,
    written: BTreeMap<String, u64>,
    tally: Tally,
    /// When the next record may be written.
    next: Instant,
}

impl Paced {
    pub(super) fn new(inner: Box<dyn Sink>, rate: Option<f64>, tally: Tally) -> Self {
        Self { inner, rate, names: Vec::new(), written: BTreeMap::new(), tally, next: Instant::now() }
    }

    /// Waits until `records` more may be written.
    fn wait(&mut self, records: usize) {
        let Some(rate) = self.rate else { return };
        let now = Instant::now();
        thread::sleep(self.next.saturating_duration_since(now));
        let count = f64::from(u32::try_from(records).unwrap_or(u32::MAX));
        self.next =
            self.next.max(now) + Duration::try_from_secs_f64(count / rate).unwrap_or(Duration::MAX / 4);
    }
}

impl Sink for Paced {
    fn connect(&mut self, journal: JournalId, streams: &[Stream]) -> Result<Option<Checkpoint>, Failure> {
        self.written.clear();
        self.names = streams.iter().map(|stream| stream.schema.name.clone()).collect();
        self.inner.connect(journal, streams)
    }

    fn write(&mut self, records: &[Record<'_>]) -> Result<(), Failure> {
        self.wait(records.len());
        self.inner.write(records)?;
        for name in records.iter().filter_map(|record| self.names.get(record.stream)) {
            *self.written.entry(name.clone()).or_default() += 1;
        }
        Ok(())
    }

    fn commit(&mut self, checkpoint: Checkpoint) -> Result<(), Failure> {
        let written = mem::take(&mut self.written);
        self.inner.commit(checkpoint)?;
        self.tally.add(written);
        Ok(())
    }

    /// A slow replay commits once a second, so that no transaction waits for its end.
    fn pacing(&self) -> Pacing {
        let pacing = self.inner.pacing();
        let Some(rate) = self.rate else { return pacing };
        let mut records = 1;
        while records < pacing.records && f64::from(u32::try_from(records).unwrap_or(u32::MAX)) < rate {
            records += 1;
        }
        Pacing { records, ..pacing }
    }
}
