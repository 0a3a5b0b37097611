use std::sync::{Mutex, PoisonError};

use kalends_journal::{LogPosition, LowWatermark, ShardLog};
use kalends_sink::Checkpoint;

use crate::{
    checkpoint::put_back::PutBack, checkpoint::retention_clock::RetentionClock, metrics::SinkMetrics,
    runtime::clock::Clock,
};

/// How far each sink has got, and what the journal may therefore let go.
#[derive(Debug)]
pub(crate) struct Progress {
    /// Evidence that an older copy of the journal was put back.
    put_back: Mutex<Option<PutBack>>,
    retention_clock: RetentionClock,
    sinks: Mutex<Vec<Delivered>>,
}

/// One sink's durable position, as last heard from its destination.
#[derive(Debug, Clone)]
pub(crate) struct Delivered {
    pub(crate) required: bool,
    /// Whether the destination itself has said so in this run; until then the position is only what was noted last.
    pub(crate) confirmed: bool,
    pub(crate) position: u64,
    /// The earlier checkpoint that the destination was put back to, and that the sink goes on from once delivery begins again.
    pub(crate) goes_back: Option<Checkpoint>,
    /// Journal time of the frame at `position`; `None` when it was not read in this run.
    pub(crate) time: Option<i64>,
    /// When the oldest event that is not delivered was received.
    pub(crate) oldest_undelivered: Option<i64>,
    /// The position whose record alone the destination has failed on for long.
    pub(crate) stuck_at: Option<u64>,
    /// The revision of the list of forgotten people that its loop uses, and how many entries that has.
    pub(crate) forgotten: (u64, usize),
    pub(crate) metrics: SinkMetrics,
}

impl Progress {
    pub(crate) fn new(clock: Clock, put_back: Option<PutBack>, sinks: Vec<Delivered>) -> Self {
        Self {
            put_back: Mutex::new(put_back),
            retention_clock: RetentionClock::new(clock),
            sinks: Mutex::new(sinks),
        }
    }

    /// Evidence that an older copy of the journal was put back, if a sink has found that out.
    pub(crate) fn put_back(&self) -> Option<PutBack> {
        self.put_back.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_put_back(&self, found: Option<PutBack>) {
        *self.put_back.lock().unwrap_or_else(PoisonError::into_inner) = found;
    }

    /// Changes what is known of one sink.
    pub(crate) fn update(&self, sink: usize, change: impl FnOnce(&mut Delivered)) {
        if let Some(delivered) = self.sinks.lock().unwrap_or_else(PoisonError::into_inner).get_mut(sink) {
            change(delivered);
        }
    }

    pub(crate) fn of(&self, sink: usize) -> Option<Delivered> {
        self.sinks.lock().unwrap_or_else(PoisonError::into_inner).get(sink).cloned()
    }

    /// Brings the gauges up to date.
    pub(crate) fn show(&self, log: &dyn ShardLog) {
        let (last, before_first) = (log.last_frame(), log.first_kept().saturating_sub(1));
        for sink in &*self.sinks.lock().unwrap_or_else(PoisonError::into_inner) {
            sink.metrics.lag(last.position.saturating_sub(sink.position.max(before_first)));
            sink.metrics.oldest_undelivered(sink.oldest_undelivered);
        }
    }

    /// What the journal may let go. Nothing goes that the scanner has not read: it judges for every sink. What stands before the slowest one, required or
    /// not, is what tells its duplicates after a restart.
    pub(crate) fn low_watermark(&self, last: LogPosition, scanned: u64) -> Option<LowWatermark> {
        let sinks = self.sinks.lock().unwrap_or_else(PoisonError::into_inner);
        let confirmed = |sink: &Delivered| if sink.confirmed { sink.position } else { 0 };
        let slowest = sinks.iter().min_by_key(|sink| confirmed(sink))?;
        let all = confirmed(slowest);
        let now = self.retention_clock.now(last.time);
        let time = if all >= last.position { Some(now) } else { slowest.time };
        let required = sinks.iter().filter(|sink| sink.required).map(confirmed).min().unwrap_or(u64::MAX);
        Some(LowWatermark { all: all.min(scanned), required, read: scanned, time: time.unwrap_or(i64::MIN) })
    }
}
