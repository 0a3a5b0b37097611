//! What the writer and the readers of one open journal share.

pub(crate) mod journal_clock;
pub(crate) mod queue;
pub(crate) mod segment;

use std::{
    collections::VecDeque,
    mem,
    path::PathBuf,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::watch;

use kalends_journal::{Health, LogPosition, LowWatermark, Usage};

use crate::{
    format::identity::Identity,
    settings::Settings,
    shared::{journal_clock::JournalClock, segment::Segment},
    storage::Storage,
};

/// What the writer and everybody who reads share.
#[derive(Debug)]
pub(crate) struct SharedState {
    pub(crate) storage: Arc<dyn Storage>,
    pub(crate) directory: PathBuf,
    pub(crate) identity: Identity,
    pub(crate) max_bytes: u64,
    pub(crate) min_free_bytes: u64,
    pub(crate) retain: Duration,
    pub(crate) clock: JournalClock,
    pub(crate) health: watch::Sender<Health>,
    state: Mutex<State>,
    /// Rung when the synced end moves, at a wake-up and at the end.
    synced_changed: Condvar,
    /// Rung when there may be room, and when the journal is to close.
    room_changed: Condvar,
}

/// How far a journal goes when it is opened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct JournalEnds {
    /// The last position that is synced, there or missing.
    pub(crate) synced: LogPosition,
    /// The last frame that is there.
    pub(crate) last_frame: LogPosition,
}

#[derive(Debug)]
struct State {
    synced: LogPosition,
    /// The last frame that is there; before `synced` only while the journal ends in a recorded gap.
    last_frame: LogPosition,
    /// Never empty; the last one is written to.
    segments: VecDeque<Arc<Segment>>,
    watermark: Option<LowWatermark>,
    wakes: u64,
    closing: bool,
    closed: bool,
    evicted: u64,
    evicted_unread: u64,
}

impl SharedState {
    /// The shared of a journal of which these segments are on disk, oldest first and never none.
    pub(crate) fn new(
        storage: Arc<dyn Storage>,
        settings: &Settings,
        identity: Identity,
        JournalEnds { synced, last_frame }: JournalEnds,
        segments: Vec<Arc<Segment>>,
    ) -> Self {
        let state = State {
            synced,
            last_frame,
            segments: segments.into(),
            watermark: None,
            wakes: 0,
            closing: false,
            closed: false,
            evicted: 0,
            evicted_unread: 0,
        };
        Self {
            storage,
            directory: settings.directory.clone(),
            identity,
            max_bytes: settings.max_bytes,
            min_free_bytes: settings.min_free_bytes,
            retain: settings.retain,
            clock: JournalClock::new(settings.clock, synced.time),
            health: watch::Sender::new(Health::Writable),
            state: Mutex::new(state),
            synced_changed: Condvar::new(),
            room_changed: Condvar::new(),
        }
    }

    /// A panic elsewhere can't leave the state half changed: every change below is one assignment or one push.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn synced(&self) -> LogPosition {
        self.state().synced
    }

    pub(crate) fn last_frame(&self) -> LogPosition {
        self.state().last_frame
    }

    /// Whether a recorded gap stands at the end, which no sink can have yet.
    pub(crate) fn ends_in_gap(&self) -> bool {
        let state = self.state();
        state.last_frame.position < state.synced.position
    }

    /// Everything through `synced` is on disk. It may be older than what was released while it was on its way there: until
    /// it is released itself, no time has passed since the frame before it.
    pub(crate) fn publish(&self, synced: LogPosition) {
        let mut state = self.state();
        let before = mem::replace(&mut state.synced, synced);
        state.last_frame = synced;
        if let Some(watermark) = &mut state.watermark {
            watermark.time = watermark.time.min(before.time);
        }
        drop(state);
        self.synced_changed.notify_all();
    }

    /// Waits until `done` holds, at most for `timeout`. Also ends at a wake-up later than the `seen` ones and at the end.
    /// Returns the synced mark and the wake-ups there were.
    pub(crate) fn wait_beyond(&self, position: u64, timeout: Duration, seen: u64) -> (LogPosition, u64) {
        let state = self.state();
        let waiting =
            |state: &mut State| state.synced.position <= position && state.wakes == seen && !state.closed;
        let (state, _) = self
            .synced_changed
            .wait_timeout_while(state, timeout, waiting)
            .unwrap_or_else(PoisonError::into_inner);
        (state.synced, state.wakes)
    }

    pub(crate) fn wake(&self) {
        self.state().wakes += 1;
        self.synced_changed.notify_all();
    }

    pub(crate) fn wakes(&self) -> u64 {
        self.state().wakes
    }

    pub(crate) fn close_soon(&self) {
        self.state().closing = true;
        self.room_changed.notify_all();
    }

    pub(crate) fn closing(&self) -> bool {
        self.state().closing
    }

    /// Nothing will be appended any more.
    pub(crate) fn closed(&self) {
        self.health.send_if_modified(|health| {
            let writable = *health != Health::Poisoned;
            if writable {
                *health = Health::Closed;
            }
            writable
        });
        self.state().closed = true;
        self.synced_changed.notify_all();
    }

    /// Waits until there may be room, the journal is to close or `timeout` is over.
    pub(crate) fn wait_for_room(&self, timeout: Duration) {
        let state = self.state();
        if !state.closing {
            drop(self.room_changed.wait_timeout(state, timeout));
        }
    }

    pub(crate) fn watermark(&self) -> Option<LowWatermark> {
        self.state().watermark
    }

    /// Returns whether something may be removed for its age.
    pub(crate) fn set_low_watermark(&self, watermark: LowWatermark) -> bool {
        let mut state = self.state();
        state.watermark = Some(watermark);
        let oldest_end = state.segments.get(1).map_or(state.synced, |next| next.before);
        let empty =
            state.segments.front().is_some_and(|oldest| oldest.before.position == oldest_end.position);
        self.room_changed.notify_all();
        !empty && self.is_aged(oldest_end, watermark)
    }

    /// Whether everything through `last` has been delivered everywhere and is older than it must be kept.
    pub(crate) fn is_aged(&self, last: LogPosition, watermark: LowWatermark) -> bool {
        let retain = i64::try_from(self.retain.as_micros()).unwrap_or(i64::MAX);
        last.position <= watermark.all && last.time < watermark.time.saturating_sub(retain)
    }

    pub(crate) fn push(&self, segment: Arc<Segment>) {
        self.state().segments.push_back(segment);
    }

    /// The oldest segment and its last frame, if it is sealed.
    pub(crate) fn oldest_sealed(&self) -> Option<(Arc<Segment>, LogPosition)> {
        let state = self.state();
        let next = state.segments.get(1)?;
        Some((Arc::clone(state.segments.front()?), next.before))
    }

    /// Takes the oldest segment off the list.
    pub(crate) fn forget_oldest(&self) {
        self.state().segments.pop_front();
    }

    /// Puts a segment back that could not be removed.
    pub(crate) fn remember_oldest(&self, segment: Arc<Segment>) {
        self.state().segments.push_front(segment);
    }

    pub(crate) fn count_evicted(&self, frames: u64, unread: u64) {
        let mut state = self.state();
        state.evicted += frames;
        state.evicted_unread += unread;
    }

    /// The segment that holds the frame at `position`, or would hold it once it is written; `None` if it is no longer kept.
    pub(crate) fn segment_of(&self, position: u64) -> Option<Arc<Segment>> {
        let state = self.state();
        let behind = state.segments.partition_point(|segment| segment.first() <= position);
        state.segments.get(behind.checked_sub(1)?).cloned()
    }

    /// The youngest segment that begins behind a frame older than `time`; `None` if even the oldest doesn't.
    pub(crate) fn segment_before(&self, time: i64) -> Option<Arc<Segment>> {
        let state = self.state();
        let behind = state.segments.partition_point(|segment| segment.before.time < time);
        state.segments.get(behind.checked_sub(1)?).cloned()
    }

    /// The mark right before the first kept frame.
    pub(crate) fn before_first(&self) -> LogPosition {
        let state = self.state();
        state.segments.front().map_or(state.synced, |oldest| oldest.before)
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.state().segments.iter().map(|segment| segment.synced_bytes()).sum()
    }

    /// Bytes of free disk; very many if that can't be told.
    pub(crate) fn free_bytes(&self) -> u64 {
        self.storage.free_bytes(&self.directory).unwrap_or(u64::MAX)
    }

    /// Bytes that can be appended before appends are refused, if no sink takes anything meanwhile.
    pub(crate) fn room(&self) -> u64 {
        let free = self.free_bytes();
        let state = self.state();
        let spared = state.watermark.map_or(0, |watermark| watermark.required.max(watermark.all));
        let ends = state.segments.iter().skip(1).map(|next| next.before.position);
        let ends = ends.chain([state.synced.position]);
        let waiting: u64 = state.segments.iter().zip(ends).map(|(s, end)| s.bytes_after(spared, end)).sum();
        let by_size = self.max_bytes.saturating_sub(waiting);
        let bytes: u64 = state.segments.iter().map(|segment| segment.synced_bytes()).sum();
        // History makes room for what comes.
        let history = bytes.saturating_sub(waiting);
        by_size.min(free.saturating_add(history).saturating_sub(self.min_free_bytes))
    }

    pub(crate) fn usage(&self) -> Usage {
        let state = self.state();
        let before_first = state.segments.front().map_or(state.synced, |oldest| oldest.before);
        Usage {
            bytes: state.segments.iter().map(|segment| segment.synced_bytes()).sum(),
            max_bytes: self.max_bytes,
            segments: state.segments.len(),
            first: before_first.position + 1,
            last: state.synced.position,
            oldest_time: before_first.time,
            last_time: state.synced.time,
            evicted: state.evicted,
            evicted_unread: state.evicted_unread,
        }
    }
}
