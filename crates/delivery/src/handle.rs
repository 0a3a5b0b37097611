use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use kalends_journal::{ShardLog, SinkNotes, StateStore};
use kalends_normalise::Plan;
use kalends_sink::Checkpoint;

use crate::{
    Clock, ScannerStatus, SinkStatus, Status,
    checkpoint::progress::Progress,
    health::SinkHealth,
    operator::command::{Command, CommandFile},
    runtime::stop::{Stop, StopRequest},
    scan::scan_state::ScanState,
};

/// What is seen of delivery from outside, and the signal that ends it.
pub struct DeliveryHandle {
    pub(crate) log: Arc<dyn ShardLog>,
    pub(crate) plan: Arc<Plan>,
    pub(crate) scan_state: Arc<ScanState>,
    pub(crate) progress: Arc<Progress>,
    pub(crate) sinks_health: Vec<(String, Arc<SinkHealth>)>,
    pub(crate) stop: Arc<Stop>,
    pub(crate) clock: Clock,
    /// Where commands for the sinks wait; `None` where nobody can give any.
    pub(crate) state: Option<Arc<dyn StateStore>>,
}

impl DeliveryHandle {
    /// Delivery at this moment.
    #[must_use]
    pub fn status(&self) -> Status {
        let synced_position = self.log.synced().position;
        let scanner = ScannerStatus {
            synced_position,
            scanned_position: self.scan_state.scanned(),
            window_fingerprints: self.scan_state.remembered(),
            error: self.scan_state.error(),
        };
        let last_frame = self.log.last_frame().position;
        let kept = self.log.first_kept().saturating_sub(1);
        let sink = |(index, (name, health)): (usize, &(String, Arc<SinkHealth>))| {
            let (delivered, now) = (self.progress.of(index)?, health.now());
            Some(SinkStatus {
                name: name.clone(),
                required: delivered.required,
                state: now.state,
                since: now.since,
                position: delivered.position,
                lag_events: last_frame.saturating_sub(delivered.position.max(kept)),
                oldest_undelivered: delivered.oldest_undelivered,
                last_error: now.last_error,
                last_error_at: now.last_error_at,
                stuck_at: delivered.stuck_at,
                skip_at: self.waiting_skip(name),
                forgotten: delivered.forgotten.1,
                forget_revision: delivered.forgotten.0,
                seek_to: self.waiting_seek(name).map(|to| to.position + 1),
            })
        };
        let sinks = self.sinks_health.iter().enumerate().filter_map(sink).collect();
        let (intake, dead_letters) = self.scan_state.intake(self.clock.now(), &self.plan);
        Status { scanner, sinks, intake, dead_letters }
    }

    /// The sinks that wait for delivery to begin again before they go back, where an operator wants them or where their destination
    /// was put back to, because which events behind that place are duplicates is known again only then; each with its checkpoint there.
    #[must_use]
    pub fn waiting_to_go_back(&self) -> Vec<(String, Checkpoint)> {
        let waiting = |(index, (name, _)): (usize, &(String, Arc<SinkHealth>))| {
            let passed = self.progress.of(index).filter(|delivered| delivered.confirmed)?;
            let to = self.waiting_seek(name).or(passed.goes_back)?;
            (to.position < passed.position).then(|| (name.clone(), to))
        };
        self.sinks_health.iter().enumerate().filter_map(waiting).collect()
    }

    fn waiting_seek(&self, sink: &str) -> Option<Checkpoint> {
        // A command that can't be read is told by its sink.
        match self.waiting(sink)? {
            Command::Seek(to) => Some(to),
            _ => None,
        }
    }

    fn waiting_skip(&self, sink: &str) -> Option<u64> {
        match self.waiting(sink)? {
            Command::Skip(at) => Some(at.position),
            _ => None,
        }
    }

    fn waiting(&self, sink: &str) -> Option<Command> {
        let state = Arc::clone(self.state.as_ref()?);
        CommandFile::new(&SinkNotes::new(state, sink, self.log.shard())).waiting().ok()?
    }

    /// Gives the signal: sink loops deliver what the journal holds now for at most half of `patience`, then commit and end.
    /// Whatever is left waits in the journal. With no patience at all they only commit what they have written.
    pub fn stop(&self, patience: Duration) {
        self.stop.give(StopRequest {
            target: self.log.last_frame().position,
            drain_until: self.drain_until(patience),
        });
        self.scan_state.wake();
    }

    fn drain_until(&self, patience: Duration) -> Instant {
        self.clock.steady() + patience / 2
    }

    /// Ends the scanner's wait.
    pub(crate) fn wake(&self) {
        self.log.wake();
    }
}
