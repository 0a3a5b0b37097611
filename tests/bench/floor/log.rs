use std::{
    fs::{File, OpenOptions},
    os::unix::fs::FileExt as _,
    path::Path,
    process,
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread,
    time::Duration,
};

use bytes::Bytes;
use rustix::fs::{FallocateFlags, fallocate};
use tokio::sync::{mpsc, oneshot};
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Bytes of what stands before each body: its length (4) and its checksum (8).
pub(crate) const HEADER: usize = 12;

const QUEUE: usize = 4096;
const ALLOCATE: u64 = 4 << 20;
const GROUP: usize = 4 << 20;

/// One body that waits for the disk.
pub(crate) struct Append {
    pub(crate) body: Bytes,
    /// Answered once it is there.
    pub(crate) reply: oneshot::Sender<()>,
}

/// The log that bodies are appended to.
pub(crate) struct Log {
    pub(crate) queue: mpsc::Sender<Append>,
    pub(crate) synced: Arc<Synced>,
}

/// The offset through which the log is on disk.
#[derive(Default)]
pub(crate) struct Synced {
    end: Mutex<u64>,
    moved: Condvar,
}

impl Synced {
    /// Waits until the end lies behind `offset`, at most for `time`.
    pub(crate) fn wait_beyond(&self, offset: u64, time: Duration) -> u64 {
        let end = self.end.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.moved.wait_timeout_while(end, time, |end| *end <= offset);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }

    fn publish(&self, offset: u64) {
        *self.end.lock().unwrap_or_else(PoisonError::into_inner) = offset;
        self.moved.notify_one();
    }
}

impl Log {
    /// Makes the file and starts the thread that writes it.
    pub(crate) fn create(path: &Path) -> anyhow::Result<Self> {
        let file = OpenOptions::new().write(true).create_new(true).open(path)?;
        File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()?;
        let (queue, appends) = mpsc::channel(QUEUE);
        let synced = Arc::new(Synced::default());
        let published = Arc::clone(&synced);
        thread::Builder::new().name("log".to_owned()).spawn(move || {
            // After a failed sync nothing can be promised any more.
            if write(&file, appends, &published).is_err() {
                process::exit(74);
            }
        })?;
        Ok(Self { queue, synced })
    }
}

/// Writes what waits with one call, syncs once, answers all.
fn write(file: &File, mut appends: mpsc::Receiver<Append>, synced: &Synced) -> anyhow::Result<()> {
    let (mut group, mut waiting) = (Vec::new(), Vec::new());
    let (mut end, mut allocated, mut position) = (0, 0, 0_u64);
    while let Some(first) = appends.blocking_recv() {
        let mut next = Some(first);
        while let Some(Append { body, reply }) = next {
            position += 1;
            group.extend_from_slice(&u32::try_from(body.len())?.to_le_bytes());
            group.extend_from_slice(&xxh3_64_with_seed(&body, position).to_le_bytes());
            group.extend_from_slice(&body);
            waiting.push(reply);
            next = if group.len() < GROUP { appends.try_recv().ok() } else { None };
        }
        let length = u64::try_from(group.len())?;
        if end + length > allocated {
            allocated = end + length + ALLOCATE;
            fallocate(file, FallocateFlags::empty(), 0, allocated)?;
        }
        file.write_all_at(&group, end)?;
        file.sync_data()?;
        end += length;
        synced.publish(end);
        group.clear();
        // Whoever has left doesn't wait.
        for reply in waiting.drain(..) {
            reply.send(()).ok();
        }
    }
    Ok(())
}
