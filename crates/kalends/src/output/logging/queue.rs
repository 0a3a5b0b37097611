use std::{
    collections::VecDeque,
    io::{self, Write},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use prometheus::IntCounter;
use tracing_subscriber::fmt::MakeWriter;

/// Most bytes of lines that wait to be written.
const MAX_WAITING_BYTES: usize = 4 << 20;
/// Longest time that a flush waits for one line to be written.
const STALL_TIMEOUT: Duration = Duration::from_secs(1);

/// Lines of the log that wait for a thread to write them, so that a reader who hangs stops nobody else. A line for which there
/// is no room is dropped and counted. Clones are the same queue.
#[derive(Clone, Default)]
pub(super) struct LogQueue(Arc<Shared>);

#[derive(Default)]
struct Shared {
    lines: Mutex<Lines>,
    changed: Condvar,
}

#[derive(Default)]
struct Lines {
    waiting: VecDeque<Vec<u8>>,
    bytes: usize,
    is_writing: bool,
    /// Lines that were written or could not be.
    done: u64,
    dropped: u64,
    /// Dropped lines that the log does not tell of yet.
    untold: u64,
    metric: Option<IntCounter>,
}

impl LogQueue {
    /// Starts the thread that writes the lines to `output`. `tell` is called with a number of lines that were dropped, once
    /// there is room for saying so.
    ///
    /// # Errors
    /// The system gives no thread.
    pub(super) fn start(output: impl Write + Send + 'static, tell: fn(u64)) -> io::Result<Self> {
        let queue = Self::default();
        let of_thread = queue.clone();
        thread::Builder::new().name("log".to_owned()).spawn(move || of_thread.write_all(output, tell))?;
        Ok(queue)
    }

    /// Counts dropped lines in `metric`, too: those of the past and those to come.
    pub(super) fn count_in(&self, metric: &IntCounter) {
        let mut lines = self.lines();
        metric.inc_by(lines.dropped);
        lines.metric = Some(metric.clone());
    }

    /// Adds a line, or drops it when there is no room. Never waits for output.
    pub(super) fn push(&self, line: &[u8]) {
        let mut lines = self.lines();
        let bytes = lines.bytes.saturating_add(line.len());
        if bytes > MAX_WAITING_BYTES {
            return lines.note_dropped();
        }
        lines.bytes = bytes;
        lines.waiting.push_back(line.to_vec());
        self.0.changed.notify_all();
    }

    /// Waits until every line is written, for as long as the reader reads.
    pub(super) fn flush(&self) {
        let mut lines = self.lines();
        let (mut done, mut deadline) = (lines.done, Instant::now() + STALL_TIMEOUT);
        while lines.is_writing || !lines.waiting.is_empty() {
            let now = Instant::now();
            if lines.done != done {
                (done, deadline) = (lines.done, now + STALL_TIMEOUT);
            }
            if now >= deadline {
                return;
            }
            let waited = self.0.changed.wait_timeout(lines, deadline - now);
            lines = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn write_all(&self, mut output: impl Write, tell: fn(u64)) {
        loop {
            let line = self.next();
            let written = output.write_all(&line);
            if let Some(dropped) = self.note(written.is_ok()) {
                tell(dropped);
            }
        }
    }

    fn next(&self) -> Vec<u8> {
        let mut lines = self.lines();
        loop {
            if let Some(line) = lines.waiting.pop_front() {
                lines.bytes = lines.bytes.saturating_sub(line.len());
                lines.is_writing = true;
                return line;
            }
            lines = self.0.changed.wait(lines).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// How many dropped lines are to be told of now: not while the output fails, and not before a line finds room.
    fn note(&self, is_written: bool) -> Option<u64> {
        let mut lines = self.lines();
        lines.is_writing = false;
        lines.done += 1;
        self.0.changed.notify_all();
        if !is_written {
            lines.note_dropped();
            return None;
        }
        let has_room = lines.bytes <= MAX_WAITING_BYTES / 2;
        Some(lines.untold).filter(|untold| *untold > 0 && has_room).inspect(|_| lines.untold = 0)
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.0.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lines {
    fn note_dropped(&mut self) {
        self.dropped += 1;
        self.untold += 1;
        if let Some(metric) = &self.metric {
            metric.inc();
        }
    }
}

impl Write for LogQueue {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.push(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for LogQueue {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[cfg(test)]
mod tests;
