use std::sync::{
    atomic::{AtomicU64, Ordering},
    mpsc::{Receiver, SyncSender, sync_channel},
};

use super::*;

const DEADLINE: Duration = Duration::from_secs(30);

/// An output that takes a line whenever it is allowed to, and shows it.
struct Output {
    allowed: Receiver<()>,
    written: SyncSender<Vec<u8>>,
}

impl Write for Output {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.allowed.recv().map_err(io::Error::other)?;
        self.written.send(line.to_vec()).map_err(io::Error::other)?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn output() -> (Output, SyncSender<()>, Receiver<Vec<u8>>) {
    let ((allow, allowed), (written, lines)) = (sync_channel(20), sync_channel(20));
    (Output { allowed, written }, allow, lines)
}

#[test]
fn lines_that_nobody_reads_are_dropped_counted_and_told_of_later() {
    static TOLD: AtomicU64 = AtomicU64::new(0);
    let (output, allow, written) = output();
    let queue = LogQueue::start(output, |dropped| TOLD.store(dropped, Ordering::Relaxed)).unwrap();
    let metric = IntCounter::new("dropped", "dropped").unwrap();
    queue.count_in(&metric);
    let line = vec![b'x'; MAX_WAITING_BYTES / 4];
    for _ in 0..10 {
        queue.push(&line);
    }
    // One may be on its way to the output.
    let dropped = metric.get();
    assert!(dropped == 5 || dropped == 6, "{dropped}");
    queue.flush();
    assert_eq!(TOLD.load(Ordering::Relaxed), 0);
    for _ in dropped..10 {
        allow.send(()).unwrap();
        assert_eq!(written.recv_timeout(DEADLINE).unwrap().len(), line.len());
    }
    let begun = Instant::now();
    while TOLD.load(Ordering::Relaxed) != dropped {
        assert!(begun.elapsed() < DEADLINE);
        thread::yield_now();
    }
}

#[test]
fn lines_are_written_in_order_before_a_flush_ends() {
    let (output, allow, written) = output();
    let queue = LogQueue::start(output, |_| {}).unwrap();
    for line in [&b"one"[..], b"two", b"three"] {
        queue.push(line);
        allow.send(()).unwrap();
    }
    queue.flush();
    assert_eq!(written.try_iter().collect::<Vec<_>>(), [&b"one"[..], b"two", b"three"]);
}

#[test]
fn lines_that_could_not_be_written_are_counted() {
    let (output, allow, _) = output();
    let queue = LogQueue::start(output, |_| {}).unwrap();
    drop(allow);
    queue.push(b"one");
    queue.flush();
    let metric = IntCounter::new("dropped", "dropped").unwrap();
    queue.count_in(&metric);
    assert_eq!(metric.get(), 1);
}
