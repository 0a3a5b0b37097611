use std::{
    io,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use crate::{
    Basis, SinkSettings, Status, Stopped,
    assembly::{Assembly, PrivacyError},
    overview::Overview,
    worker::{self, Worker},
};

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
    overview: Overview,
    ended: mpsc::Receiver<()>,
    sink_threads: usize,
}

impl Delivery {
    /// Starts the scanner at the journal's oldest kept receipt, and a loop for each sink.
    ///
    /// # Errors
    /// [`StartError`] when a thread can't be made or a sink's rules can't be followed.
    pub fn start(basis: Basis, sinks: Vec<SinkSettings>) -> Result<Self, StartError> {
        let sink_threads = sinks.len();
        let (end, ended) = mpsc::sync_channel(sinks.len() + 1);
        let Assembly { workers, overview } = Assembly::new(basis, sinks)?;
        for (name, worker) in workers {
            spawn(name, end.clone(), worker)?;
        }
        Ok(Self { overview, ended, sink_threads })
    }

    /// Delivery at this moment.
    #[must_use]
    pub fn status(&self) -> Status {
        self.overview.status()
    }

    /// Ends delivery: sink loops deliver what the journal holds now for at most half of `patience`, then commit and end.
    /// Whatever is left waits in the journal. A sink that does not end within `patience` is left behind;
    /// the journal lets nothing go any more for what it says.
    #[must_use = "tells what is left in the journal"]
    pub fn stop(self, patience: Duration) -> Stopped {
        let begun = Instant::now();
        self.overview.stop(patience);
        let in_time = (0..self.sink_threads).all(|_| {
            let left = patience.saturating_sub(begun.elapsed());
            self.ended.recv_timeout(left).is_ok()
        }) && {
            self.overview.wake();
            self.ended
                .recv_timeout(patience.saturating_sub(begun.elapsed()).max(Duration::from_secs(1)))
                .is_ok()
        };
        self.overview.progress.retire();
        let Status { scanner, sinks, .. } = self.status();
        Stopped { in_time, scanned_position: scanner.scanned_position, sinks }
    }
}

/// Runs a worker on a thread that says on `end` when it has ended.
fn spawn(name: String, end: mpsc::SyncSender<()>, worker: Box<dyn Worker>) -> Result<(), StartError> {
    let run = move || {
        worker::run(worker);
        if end.send(()).is_err() {
            tracing::debug!("nobody waited for this thread to end");
        }
    };
    thread::Builder::new().name(name).spawn(run).map(drop).map_err(StartError::Thread)
}
