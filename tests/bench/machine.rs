use std::{
    fs::File,
    io::{Seek as _, SeekFrom, Write as _},
    thread,
    time::{Duration, Instant},
};

use rustix::time::{ClockId, clock_gettime};

/// About what a webhook takes in the journal.
const BYTES: usize = 1500;

/// CPU seconds that a million events cost one thread that does next to nothing for them.
pub(crate) struct Cost {
    /// It only wakes up when each is due.
    pub(crate) waking: f64,
    /// It writes each to a file as well, and syncs it.
    pub(crate) syncing: f64,
}

impl Cost {
    /// Measures both at this many events a second: no program that answers each when it is on disk can do with less.
    ///
    /// # Errors
    /// A temporary file can't be written or synced.
    pub(crate) fn measure(rate: u32, events: u32) -> anyhow::Result<Self> {
        let mut file = tempfile::tempfile()?;
        let body = [b'x'; BYTES];
        // The space is there, as the journal's is.
        file.write_all(&vec![0; BYTES * usize::try_from(events)?])?;
        file.sync_all()?;
        file.seek(SeekFrom::Start(0))?;
        Ok(Self {
            waking: per_million(rate, events, || Ok(()))?,
            syncing: per_million(rate, events, || write(&mut file, &body))?,
        })
    }
}

fn write(file: &mut File, body: &[u8]) -> std::io::Result<()> {
    file.write_all(body)?;
    file.sync_data()
}

fn per_million(rate: u32, events: u32, mut work: impl FnMut() -> std::io::Result<()>) -> anyhow::Result<f64> {
    let (begun, spent) = (Instant::now(), cpu_seconds());
    for event in 0..events {
        let due = Duration::from_secs(1) * event / rate;
        thread::sleep(due.saturating_sub(begun.elapsed()));
        work()?;
    }
    Ok((cpu_seconds() - spent) / f64::from(events) * 1e6)
}

/// What this thread has used.
fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default().as_secs_f64()
}
