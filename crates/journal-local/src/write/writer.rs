use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::mpsc;

use kalends_journal::{AppendError, CloseError, Health};

use crate::{
    metrics::Metrics,
    settings::Settings,
    shared::{
        SharedState,
        queue::{Append, Command, answer},
    },
    write::{active_segment::ActiveSegment, batch::Batch, retention::Retention, write_error::WriteError},
};

/// Bounds the memory of a group and the time until its first append is answered.
const GROUP_BYTES: u64 = 4 << 20;
/// How often a full journal looks whether there is room again.
const ROOM_CHECK_INTERVAL: Duration = Duration::from_millis(100);
/// How long appends wait for frames to be read that may go then. Only a reader that can't go on takes so long.
const READ_TIMEOUT: Duration = Duration::from_secs(5);

/// The one who writes: gathers what waits, writes it with one call, syncs once, answers all; removes what may go.
#[derive(Debug)]
pub(crate) struct Writer {
    shared: Arc<SharedState>,
    metrics: Metrics,
    queue: mpsc::Receiver<Command>,
    active: ActiveSegment,
    retention: Retention,
    batch: Batch,
    /// Did not fit into the batch before.
    carried: Option<Append>,
    batch_bytes: u64,
    /// Bytes that there is no room for: nothing is taken until there is.
    lacks: Option<u64>,
    /// Until then the batch waits for room; later it is refused.
    waits_until: Option<Instant>,
}

/// What a writer that is given its turns has done.
#[cfg(any(test, feature = "test-util"))]
#[derive(Debug)]
pub enum Turn {
    /// It has done something, and there may be more to do.
    Worked,
    /// Nothing waits for it.
    Idle,
    /// There is no room; it wants to look again after this time.
    LacksRoom(Duration),
    /// The journal was closed or is poisoned. No other turn does anything.
    Ended(Result<(), CloseError>),
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.shared.closed();
    }
}

impl Writer {
    pub(crate) fn new(
        shared: Arc<SharedState>,
        metrics: Metrics,
        settings: &Settings,
        queue: mpsc::Receiver<Command>,
        active: ActiveSegment,
    ) -> Self {
        Self {
            retention: Retention::new(Arc::clone(&shared), metrics.clone()),
            batch: Batch::new(shared.synced()),
            batch_bytes: GROUP_BYTES.min(settings.max_bytes / 4),
            shared,
            metrics,
            queue,
            active,
            carried: None,
            lacks: None,
            waits_until: None,
        }
    }

    /// Works until the journal is closed or poisoned.
    pub(crate) fn run(mut self) -> Result<(), CloseError> {
        self.metrics.show(&self.shared.usage());
        let served = self.serve();
        self.end(served)
    }

    fn serve(&mut self) -> Result<(), WriteError> {
        loop {
            if let Some(needed) = self.lacks {
                self.shared.wait_for_room(ROOM_CHECK_INTERVAL);
                self.look_for_room(needed, Instant::now())?;
                continue;
            }
            self.close_if_told();
            let command = self.carried.take().map(Command::Append).or_else(|| self.queue.blocking_recv());
            let Some(command) = command else { return Ok(()) };
            self.take(command, Instant::now())?;
        }
    }

    /// As [`Writer::run`], but does only what can be done now.
    #[cfg(any(test, feature = "test-util"))]
    pub(crate) fn turn(&mut self, now: Instant) -> Turn {
        use mpsc::error::TryRecvError;
        let done = if let Some(needed) = self.lacks {
            self.look_for_room(needed, now).map(|()| Turn::LacksRoom(ROOM_CHECK_INTERVAL))
        } else {
            self.close_if_told();
            match self
                .carried
                .take()
                .map_or_else(|| self.queue.try_recv(), |append| Ok(Command::Append(append)))
            {
                Ok(command) => self.take(command, now).map(|()| Turn::Worked),
                Err(TryRecvError::Empty) if !self.shared.closing() => Ok(Turn::Idle),
                Err(_) => return Turn::Ended(self.end(Ok(()))),
            }
        };
        done.unwrap_or_else(|fault| Turn::Ended(self.end(Err(fault))))
    }

    /// Puts the end on record, or tells everybody why there is none.
    fn end(&mut self, served: Result<(), WriteError>) -> Result<(), CloseError> {
        let sealed = served.and_then(|()| match self.active.seal(self.shared.synced()) {
            // Nothing is lost without a seal: the end is only not on record.
            Err(WriteError::Full) => Ok(()),
            sealed => sealed,
        });
        sealed.map_err(|fault| self.poison(fault))
    }

    /// Takes no more commands than there are when the journal is to close.
    fn close_if_told(&mut self) {
        if self.shared.closing() {
            self.queue.close();
        }
    }

    fn take(&mut self, command: Command, now: Instant) -> Result<(), WriteError> {
        let stored = match command {
            Command::Append(append) => self.store(append, now),
            Command::Check => Ok(()),
        };
        let outcome = stored.and_then(|()| self.retention.remove_aged(&mut self.active));
        self.metrics.show(&self.shared.usage());
        match outcome {
            Err(WriteError::Unread) => {
                self.lacks = Some(self.batch.size_with(None));
                self.waits_until = Some(now + READ_TIMEOUT);
                Ok(())
            }
            Err(WriteError::Full) => {
                self.refuse_until_there_is_room();
                Ok(())
            }
            outcome => outcome,
        }
    }

    fn store(&mut self, first: Append, now: Instant) -> Result<(), WriteError> {
        self.gather(first);
        self.store_batch(now)
    }

    fn store_batch(&mut self, now: Instant) -> Result<(), WriteError> {
        if self.batch.is_empty() {
            return Ok(());
        }
        self.write_batch(now)?;
        self.retention.spent(self.batch.size_with(None));
        self.metrics.group_frames.observe(f64::from(u32::try_from(self.batch.frames()).unwrap_or(u32::MAX)));
        self.metrics.appended_frames.inc_by(self.batch.frames());
        self.metrics.appended_bytes.inc_by(self.batch.payload_bytes());
        self.shared.publish(self.batch.last());
        self.batch.acknowledge();
        Ok(())
    }

    fn write_batch(&mut self, now: Instant) -> Result<(), WriteError> {
        let bytes = self.batch.size_with(None);
        self.retention.make_room(bytes, &mut self.active, now)?;
        match self.active.write(&mut self.batch) {
            // The disk took less than it had said: it is asked again, so that history can make room.
            Err(WriteError::Full) => {
                self.retention.refused();
                self.retention.make_room(bytes, &mut self.active, now)?;
                self.active.write(&mut self.batch)
            }
            written => written,
        }
    }

    /// Puts `first` and what else waits into the batch.
    fn gather(&mut self, first: Append) {
        self.batch.restart(self.shared.synced());
        self.add(first);
        while let Ok(command) = self.queue.try_recv() {
            match command {
                Command::Append(append) if self.batch.size_with(Some(&append)) > self.batch_bytes => {
                    self.carried = Some(append);
                    break;
                }
                Command::Append(append) => self.add(append),
                Command::Check => {}
            }
        }
    }

    fn add(&mut self, append: Append) {
        let wall_time = self.shared.clock.at(append.wall_time, append.at);
        self.batch.add(Append { wall_time, ..append });
    }

    fn refuse_until_there_is_room(&mut self) {
        self.lacks = Some(self.batch.size_with(None));
        self.retention.refused();
        self.shared.health.send_replace(Health::Full);
        self.metrics.full.set(1);
        tracing::warn!(
            directory = %self.shared.directory.display(),
            "the journal is full and refuses appends: free some disk, raise its largest size, mend the sinks, or allow the \
             process more open files",
        );
        self.refuse_all(AppendError::Full);
    }

    /// Goes on when there is room for `needed` bytes, or nothing to wait for any more.
    fn look_for_room(&mut self, needed: u64, now: Instant) -> Result<(), WriteError> {
        let aged = self.retention.remove_aged(&mut self.active);
        let room = aged.and_then(|()| self.retention.make_room(needed, &mut self.active, now));
        let room = room.and_then(|()| self.store_batch(now));
        self.metrics.show(&self.shared.usage());
        match room {
            Err(WriteError::Unread) if self.may_wait(now) => {}
            Err(WriteError::Full | WriteError::Unread) => {
                if self.waits_until.take().is_some() {
                    self.refuse_until_there_is_room();
                } else {
                    self.refuse_all(AppendError::Full);
                }
                if self.shared.closing() {
                    self.lacks = None;
                }
            }
            room => {
                room?;
                self.lacks = None;
                if self.waits_until.take().is_none() {
                    self.shared.health.send_replace(Health::Writable);
                    self.metrics.full.set(0);
                    tracing::info!("the journal has room again");
                }
            }
        }
        Ok(())
    }

    fn may_wait(&self, now: Instant) -> bool {
        self.waits_until.is_some_and(|until| now < until) && !self.shared.closing()
    }

    fn poison(&mut self, fault: WriteError) -> CloseError {
        self.shared.health.send_replace(Health::Poisoned);
        self.metrics.poisoned.set(1);
        let cause = io::Error::from(fault);
        tracing::error!(
            directory = %self.shared.directory.display(),
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
