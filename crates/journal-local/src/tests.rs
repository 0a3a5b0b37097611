use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use kalends_journal::{AppendError, Frame, ReadError, ShardLog};
use tokio::runtime::{Builder, Runtime};

use crate::{
    error::OpenError,
    journal::Journal,
    metrics::Metrics,
    settings::Settings,
    storage::memory::{Fault, Memory},
};

mod adoption;
mod crashes;
mod damage;
mod deaths;
mod fixture;
mod identity;
mod power;
mod reading;
mod recovery;
mod repair;
mod retention;
mod writing;

const PLACE: &str = "/journal";

fn settings() -> Settings {
    Settings {
        segment_bytes: 1000,
        max_bytes: 100_000,
        min_free_bytes: 0,
        retain: Duration::from_secs(1),
        max_payload_bytes: 4000,
        ..Settings::new(PLACE)
    }
}

fn open(disk: &Memory, settings: &Settings) -> Result<Journal, OpenError> {
    Journal::open_on(Arc::new(disk.clone()), settings.clone(), Metrics::default())
}

fn opened(disk: &Memory) -> Journal {
    open(disk, &settings()).unwrap()
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().unwrap()
}

fn append(journal: &Journal, time: i64, payload: &[u8]) -> Result<u64, AppendError> {
    runtime().block_on(journal.appender().append(time, Bytes::copy_from_slice(payload)))
}

/// Appends `count` payloads of 100 bytes, one group each, at these seconds.
fn append_many(journal: &Journal, seconds: impl IntoIterator<Item = i64>) {
    for second in seconds {
        append(journal, second * 1_000_000, &[b'x'; 100]).unwrap();
    }
}

fn read(log: &dyn ShardLog, position: u64) -> Result<Vec<(u64, Vec<u8>)>, ReadError> {
    let mut reader = log.read_after(position);
    let mut frames = Vec::new();
    while let Some(Frame { position, payload, .. }) = reader.next()? {
        frames.push((position, payload.to_vec()));
    }
    Ok(frames)
}

fn read_all(log: &dyn ShardLog) -> Vec<(u64, Vec<u8>)> {
    read(log, log.first_kept() - 1).unwrap()
}

fn wait_until(mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !condition() {
        assert!(Instant::now() < deadline, "waited too long");
        std::thread::yield_now();
    }
}

fn segments(disk: &Memory) -> Vec<PathBuf> {
    let names = disk.names(Path::new(PLACE)).into_iter();
    names
        .filter(|name| crate::format::segment_name::parse(name).is_some())
        .map(|name| Path::new(PLACE).join(name))
        .collect()
}
