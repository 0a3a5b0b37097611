use std::{
    collections::HashSet,
    fs::File,
    io::Write as _,
    os::unix::fs::FileExt as _,
    path::Path,
    process,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use xxhash_rust::xxh3::{xxh3_64_with_seed, xxh3_128};

use crate::{
    datum,
    event::Webhook,
    kafka::Producer,
    log::{HEADER, Synced},
};

const READ: u64 = 1 << 20;
/// How much goes into one transaction.
const MOST: u64 = 5000;
const DELAY: Duration = Duration::from_millis(50);
const IDLE: Duration = Duration::from_secs(1);

/// Starts the thread that reads what is synced and delivers it.
pub(crate) fn start(
    synced: Arc<Synced>,
    log: &Path,
    producer: Producer,
    delivered: Arc<AtomicU64>,
) -> anyhow::Result<()> {
    let file = File::open(log)?;
    let mut delivery =
        Delivery { file, producer, delivered, seen: HashSet::new(), at: 0, position: 0, begun: None };
    thread::Builder::new().name("delivery".to_owned()).spawn(move || {
        if let Err(error) = delivery.run(&synced) {
            drop(writeln!(std::io::stderr(), "the floor can't deliver: {error:#}"));
            process::exit(70);
        }
    })?;
    Ok(())
}

struct Delivery {
    file: File,
    producer: Producer,
    delivered: Arc<AtomicU64>,
    /// Every event so far, by 128 bits.
    seen: HashSet<u128>,
    /// The offset through which the log is read.
    at: u64,
    position: u64,
    /// When the running transaction got its first record, and at which position.
    begun: Option<(Instant, u64)>,
}

impl Delivery {
    fn run(&mut self, synced: &Synced) -> anyhow::Result<()> {
        let (mut buffer, mut value) = (Vec::new(), Vec::new());
        loop {
            let due = self.begun.map(|(began, _)| DELAY.saturating_sub(began.elapsed()));
            let end = synced.wait_beyond(self.at, due.unwrap_or(IDLE));
            buffer.resize(usize::try_from((end - self.at).min(READ))?, 0);
            self.file.read_exact_at(&mut buffer, self.at)?;
            let mut rest = buffer.as_slice();
            while let Some((body, behind)) = frame(rest, self.position + 1)? {
                self.position += 1;
                self.deliver(body, &mut value)?;
                self.at += u64::try_from(rest.len() - behind.len())?;
                rest = behind;
            }
            self.commit_if_due()?;
        }
    }

    fn deliver(&mut self, body: &[u8], value: &mut Vec<u8>) -> anyhow::Result<()> {
        if !self.seen.insert(xxh3_128(body)) {
            return Ok(());
        }
        if self.begun.is_none() {
            self.producer.begin()?;
            self.begun = Some((Instant::now(), self.position));
        }
        let webhook: Webhook<'_> = serde_json::from_slice(body)?;
        datum::write(value, &webhook, self.position)?;
        self.producer.send(webhook.key(), value)
    }

    fn commit_if_due(&mut self) -> anyhow::Result<()> {
        let Some((began, first)) = self.begun else { return Ok(()) };
        if began.elapsed() >= DELAY || self.position - first >= MOST {
            self.producer.commit(self.position)?;
            self.delivered.store(self.position, Ordering::Release);
            self.begun = None;
        }
        Ok(())
    }
}

/// The body at the start of `bytes`, and what stands behind it; `None` when it is not all there.
fn frame(bytes: &[u8], position: u64) -> anyhow::Result<Option<(&[u8], &[u8])>> {
    let Some((header, rest)) = bytes.split_first_chunk::<HEADER>() else { return Ok(None) };
    let (length, checksum) = header.split_first_chunk::<4>().context("a header of twelve bytes")?;
    let length = usize::try_from(u32::from_le_bytes(*length))?;
    let Some((body, behind)) = rest.split_at_checked(length) else { return Ok(None) };
    anyhow::ensure!(
        xxh3_64_with_seed(body, position).to_le_bytes() == checksum,
        "the log is damaged at position {position}"
    );
    Ok(Some((body, behind)))
}
