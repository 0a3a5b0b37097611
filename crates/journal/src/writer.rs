use std::{io, sync::Arc, time::Duration};

use tokio::sync::mpsc;

use crate::{
    AppendError, CloseError, Health, Metrics, Settings,
    active::Active,
    batch::Batch,
    fault::Fault,
    ledger::Ledger,
    queue::{Append, Command, answer},
    retention::Retention,
};

/// Bounds the memory of a group and the time until its first append is answered.
const GROUP_BYTES: u64 = 4 << 20;
/// How often a full journal looks whether there is room again.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// The one who writes: gathers what waits, writes it with one call, syncs once, answers all; removes what may go.
#[derive(Debug)]
pub(crate) struct Writer {
    ledger: Arc<Ledger>,
    metrics: Metrics,
    queue: mpsc::Receiver<Command>,
    active: Active,
    retention: Retention,
    batch: Batch,
    /// Did not fit into the batch before.
    carried: Option<Append>,
    batch_bytes: u64,
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.ledger.closed();
    }
}

impl Writer {
    pub(crate) fn new(
        ledger: Arc<Ledger>,
        metrics: Metrics,
        settings: &Settings,
        queue: mpsc::Receiver<Command>,
        active: Active,
    ) -> Self {
        Self {
            retention: Retention::new(Arc::clone(&ledger), metrics.clone()),
            batch: Batch::new(ledger.synced()),
            batch_bytes: GROUP_BYTES.min(settings.max_bytes / 4),
            ledger,
            metrics,
            queue,
            active,
            carried: None,
        }
    }

    /// Works until the journal is closed or poisoned.
    pub(crate) fn run(mut self) -> Result<(), CloseError> {
        self.metrics.show(&self.ledger.usage());
        let sealed = self.serve().and_then(|()| match self.active.seal(self.ledger.synced()) {
            // Nothing is lost without a seal: the end is only not on record.
            Err(Fault::Full) => Ok(()),
            sealed => sealed,
        });
        sealed.map_err(|fault| self.poison(fault))
    }

    fn serve(&mut self) -> Result<(), Fault> {
        while let Some(command) = self.next() {
            let stored = match command {
                Command::Append(append) => self.store(append),
                Command::Look => Ok(()),
            };
            let outcome = stored.and_then(|()| self.retention.remove_aged(&mut self.active));
            self.metrics.show(&self.ledger.usage());
            match outcome {
                Err(Fault::Full) => self.wait_for_room()?,
                outcome => outcome?,
            }
        }
        Ok(())
    }

    /// The next command; `None` when the journal is to close and everything before that has been answered.
    fn next(&mut self) -> Option<Command> {
        if self.ledger.closing() {
            self.queue.close();
        }
        self.carried.take().map(Command::Append).or_else(|| self.queue.blocking_recv())
    }

    fn store(&mut self, first: Append) -> Result<(), Fault> {
        self.gather(first);
        if self.batch.is_empty() {
            return Ok(());
        }
        self.retention.make_room(self.batch.size_with(None), &mut self.active)?;
        self.active.write(&mut self.batch)?;
        self.retention.spent(self.batch.size_with(None));
        self.metrics.group_frames.observe(f64::from(u32::try_from(self.batch.frames()).unwrap_or(u32::MAX)));
        self.metrics.appended_frames.inc_by(self.batch.frames());
        self.metrics.appended_bytes.inc_by(self.batch.payload_bytes());
        self.ledger.publish(self.batch.last());
        self.batch.acknowledge();
        Ok(())
    }

    /// Puts `first` and what else waits into the batch.
    fn gather(&mut self, first: Append) {
        self.batch.restart(self.ledger.synced());
        self.batch.add(first);
        while let Ok(command) = self.queue.try_recv() {
            match command {
                Command::Append(append) if self.batch.size_with(Some(&append)) > self.batch_bytes => {
                    self.carried = Some(append);
                    break;
                }
                Command::Append(append) => self.batch.add(append),
                Command::Look => {}
            }
        }
    }

    fn wait_for_room(&mut self) -> Result<(), Fault> {
        let needed = self.batch.size_with(None);
        self.ledger.health.send_replace(Health::Full);
        self.metrics.full.set(1);
        tracing::warn!(
            directory = %self.ledger.directory.display(),
            "the journal is full and refuses appends: free some disk, raise its largest size, mend the sinks, or allow the \
             process more open files",
        );
        loop {
            self.refuse_all(AppendError::Full);
            if self.ledger.closing() {
                return Ok(());
            }
            self.ledger.wait_for_bell(LOOK_EVERY);
            let aged = self.retention.remove_aged(&mut self.active);
            let room = aged.and_then(|()| self.retention.make_room(needed, &mut self.active));
            self.metrics.show(&self.ledger.usage());
            match room {
                Err(Fault::Full) => {}
                room => {
                    room?;
                    self.ledger.health.send_replace(Health::Writable);
                    self.metrics.full.set(0);
                    tracing::info!("the journal has room again");
                    return Ok(());
                }
            }
        }
    }

    fn poison(&mut self, fault: Fault) -> CloseError {
        self.ledger.health.send_replace(Health::Poisoned);
        self.metrics.poisoned.set(1);
        let cause = io::Error::from(fault);
        tracing::error!(
            directory = %self.ledger.directory.display(),
            %cause,
            "a write to the journal's disk has failed: nothing more is stored until a restart",
        );
        self.queue.close();
        self.refuse_all(AppendError::Poisoned);
        CloseError::Poisoned
    }

    fn refuse_all(&mut self, error: AppendError) {
        self.batch.refuse(error);
        if let Some(carried) = self.carried.take() {
            answer(carried.reply, Err(error));
        }
        while let Ok(command) = self.queue.try_recv() {
            if let Command::Append(append) = command {
                answer(append.reply, Err(error));
            }
        }
    }
}
