use std::{
    convert::Infallible,
    io,
    sync::{
        PoisonError,
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use crate::{
    DeliveryContext, SinkSettings, Status, Stopped,
    builder::{DeliveryTasks, PrivacyError},
    handle::DeliveryHandle,
    runtime::sink_locks::SinkLock,
    runtime::task::{self, Task},
};

/// How long a stop at once waits for sinks to commit what they have written. One whose destination answers takes no longer.
const AT_ONCE: Duration = Duration::from_secs(1);

/// Delivery could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A thread could not be made.
    #[error("can't start a thread: {0}")]
    Thread(#[source] io::Error),
    /// A sink's rules about personal data can't be followed.
    #[error(transparent)]
    Privacy(#[from] PrivacyError),
}

/// Running delivery: the scanner's thread and one thread per sink.
pub struct Delivery {
    handle: DeliveryHandle,
    /// The sinks' threads, and the scanner's last.
    threads: Vec<Thread>,
}

impl Delivery {
    /// Starts the scanner at the journal's oldest kept receipt, and a loop for each sink. A sink that another delivery has
    /// left behind under the same name is waited for, on this one's thread.
    ///
    /// # Errors
    /// [`StartError`] when a thread can't be made or a sink's rules can't be followed.
    pub fn start(context: DeliveryContext, sinks: Vec<SinkSettings>) -> Result<Self, StartError> {
        let locks = context.sink_locks.clone();
        let DeliveryTasks { tasks, handle } = DeliveryTasks::new(context, sinks)?;
        let threads = tasks.into_iter().map(|(name, task)| Thread::spawn(locks.of(&name), name, task));
        Ok(Self { threads: threads.collect::<Result<_, _>>()?, handle })
    }

    /// Delivery at this moment.
    #[must_use]
    pub fn status(&self) -> Status {
        self.handle.status()
    }

    /// Ends delivery: sink loops deliver what the journal holds now for at most half of `patience`, then commit and end.
    /// Whatever is left waits in the journal. A sink that does not end within `patience` is left behind.
    #[must_use = "tells what is left in the journal"]
    pub fn stop(self, patience: Duration) -> Stopped {
        let deadline = Instant::now() + patience;
        self.handle.stop(patience);
        let sinks_in_time = self.sinks_end_by(deadline);
        self.handle.wake();
        let last = deadline.max(Instant::now() + Duration::from_secs(1));
        let in_time = self.threads.last().is_none_or(|scanner| scanner.ends_by(last));
        self.stopped(sinks_in_time && in_time)
    }

    /// Ends delivery so that another can begin at once: sink loops only commit what they have written. One that is busy for
    /// longer than a moment, as with a destination that doesn't answer, is left behind and ends when it comes back.
    #[must_use = "tells where the next one begins to count"]
    pub fn stop_at_once(self) -> Stopped {
        self.handle.stop(Duration::ZERO);
        self.handle.wake();
        let in_time = self.sinks_end_by(Instant::now() + AT_ONCE);
        // However long its last step takes: it must not count, nor let the journal let go, beside its successor.
        if let Some(scanner) = self.threads.last() {
            scanner.end();
        }
        self.stopped(in_time)
    }

    fn sinks_end_by(&self, deadline: Instant) -> bool {
        let sinks = self.threads.split_last().map_or(&[][..], |(_scanner, sinks)| sinks);
        sinks.iter().all(|sink| sink.ends_by(deadline))
    }

    fn stopped(&self, in_time: bool) -> Stopped {
        let Status { scanner, sinks, .. } = self.status();
        Stopped { in_time, scanned_position: scanner.scanned_position, sinks }
    }
}

/// A task's thread, by the other end of what is dropped when it has ended.
struct Thread(mpsc::Receiver<Infallible>);

impl Thread {
    /// Runs a task on a thread of its own, once it holds the lock.
    fn spawn(lock: SinkLock, name: String, task: Box<dyn Task>) -> Result<Self, StartError> {
        let (runs, ended) = mpsc::sync_channel(0);
        let run = move || {
            let _runs = runs;
            let _lock = lock.lock().unwrap_or_else(PoisonError::into_inner);
            // Dropped with its last step, and its connection with it, before the lock is free.
            task::run(task);
        };
        thread::Builder::new().name(name).spawn(run).map_err(StartError::Thread)?;
        Ok(Self(ended))
    }

    fn ends_by(&self, deadline: Instant) -> bool {
        let left = deadline.saturating_duration_since(Instant::now());
        self.0.recv_timeout(left) == Err(RecvTimeoutError::Disconnected)
    }

    fn end(&self) {
        self.0.recv().ok();
    }
}
