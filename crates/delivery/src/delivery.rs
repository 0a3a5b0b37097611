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

use kalends_sink::Checkpoint;

use crate::{
    DeliveryContext, SinkSettings, Status, Stopped,
    builder::{self, CheckedSinks, DeliveryTasks, PrivacyError, SCANNER_THREAD},
    handle::DeliveryHandle,
    runtime::{
        sink_locks::SinkLock,
        task::{self, Task},
    },
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

/// Delivery with all that can fail behind it: the sinks' rules are checked and the threads made, which wait. Dropped, it
/// ends without a trace.
pub struct PreparedDelivery {
    sinks: CheckedSinks,
    threads: Vec<Waiting>,
}

impl PreparedDelivery {
    /// Prepares delivery to `sinks`. Nothing that runs is touched.
    ///
    /// # Errors
    /// [`StartError`] when a thread can't be made or a sink's rules can't be followed.
    pub fn new(context: &DeliveryContext, sinks: Vec<SinkSettings>) -> Result<Self, StartError> {
        Self::with_threads(context, sinks, |name, run| thread::Builder::new().name(name).spawn(run).map(drop))
    }

    fn with_threads(
        context: &DeliveryContext,
        sinks: Vec<SinkSettings>,
        mut spawn: impl FnMut(String, Box<dyn FnOnce() + Send>) -> io::Result<()>,
    ) -> Result<Self, StartError> {
        let sinks = CheckedSinks::new(&context.plan, sinks)?;
        let names = sinks.names().map(builder::sink_thread).chain([SCANNER_THREAD.to_owned()]);
        let threads = names.map(|name| {
            let (thread, run) = Waiting::new(context.sink_locks.of(&name));
            spawn(name, run).map(|()| thread).map_err(StartError::Thread)
        });
        let threads = threads.collect::<Result<_, _>>()?;
        Ok(Self { sinks, threads })
    }

    /// Starts the scanner at the journal's oldest kept receipt, and a loop for each sink. A sink that another delivery has
    /// left behind under the same name is waited for, on this one's thread.
    #[must_use]
    pub fn start(self, context: DeliveryContext) -> Delivery {
        let DeliveryTasks { tasks, handle } = DeliveryTasks::new(context, self.sinks);
        let threads = self.threads.into_iter().zip(tasks).map(|(thread, (_, task))| thread.start(task));
        Delivery { threads: threads.collect(), handle }
    }
}

impl Delivery {
    /// Prepares delivery, and starts it.
    ///
    /// # Errors
    /// [`StartError`] when a thread can't be made or a sink's rules can't be followed.
    pub fn start(context: DeliveryContext, sinks: Vec<SinkSettings>) -> Result<Self, StartError> {
        Ok(PreparedDelivery::new(&context, sinks)?.start(context))
    }

    /// Delivery at this moment.
    #[must_use]
    pub fn status(&self) -> Status {
        self.handle.status()
    }

    /// The sinks that go back once delivery begins again, each with its checkpoint there.
    #[must_use]
    pub fn waiting_to_go_back(&self) -> Vec<(String, Checkpoint)> {
        self.handle.waiting_to_go_back()
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

/// A thread that waits for its task, and ends when it will never come.
struct Waiting {
    task: mpsc::SyncSender<Box<dyn Task>>,
    thread: Thread,
}

impl Waiting {
    /// The thread, and what it is to run: a task from its first step to its last, once it holds the lock.
    fn new(lock: SinkLock) -> (Self, Box<dyn FnOnce() + Send>) {
        let (runs, ended) = mpsc::sync_channel::<Infallible>(0);
        let (task, given) = mpsc::sync_channel(1);
        let run = move || {
            let _runs = runs;
            let Ok(task) = given.recv() else { return };
            let _lock = lock.lock().unwrap_or_else(PoisonError::into_inner);
            // Dropped with its last step, and its connection with it, before the lock is free.
            task::run(task);
        };
        (Self { task, thread: Thread(ended) }, Box::new(run))
    }

    fn start(self, task: Box<dyn Task>) -> Thread {
        // The thread waits for nothing else.
        self.task.send(task).ok();
        self.thread
    }
}

impl Thread {
    fn ends_by(&self, deadline: Instant) -> bool {
        let left = deadline.saturating_duration_since(Instant::now());
        self.0.recv_timeout(left) == Err(RecvTimeoutError::Disconnected)
    }

    fn end(&self) {
        self.0.recv().ok();
    }
}

#[cfg(test)]
mod tests;
