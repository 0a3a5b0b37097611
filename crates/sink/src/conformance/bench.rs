use std::{
    fmt::Debug,
    thread,
    time::{Duration, Instant},
};

use crate::{Checkpoint, Failure, JournalId, Record, Sink, Stream};

/// The journal of every case.
pub(super) const JOURNAL: JournalId = JournalId::new([0xc0; 16]);

/// Longest time in which a destination that works must be connected to.
const CONNECT_TIMEOUT: Duration = Duration::from_mins(1);

/// When a destination falls silent: it still accepts what it is sent, and never answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// At once.
    Now,
    /// With the end of the next commit, which may or may not have happened.
    InCommit,
}

/// A destination of the kind that is tested.
pub trait Destination: Sized {
    /// An empty destination; `None` where this machine has none. No two cases have the same `name`.
    fn fresh(name: &str) -> Option<Self>;

    /// A sink as a new process would make it.
    fn sink(&self) -> Box<dyn Sink>;

    /// The streams of the sink: one or more.
    fn streams(&self) -> Vec<Stream>;

    /// A datum from which [`Self::read_back`] finds out the position.
    fn datum(&self, position: u64) -> Vec<u8>;

    /// The positions that a reader of the stream sees, in the destination's order.
    fn read_back(&self, stream: usize) -> Vec<u64>;

    /// A datum that the destination refuses; `None` where it takes any.
    fn refused(&self) -> Option<Vec<u8>> {
        None
    }

    /// A sink whose process dies at its `step`-th action, from 1 on; `None` where actions can't be counted.
    fn dying_sink(&self, _step: u32) -> Option<Box<dyn Sink>> {
        None
    }

    /// Makes the destination silent for sinks; `false` where that can't be done.
    fn silence(&self, _silence: Silence) -> bool {
        false
    }

    /// Ends a silence.
    fn heal(&self) {}

    /// The sink of a replay into the same streams; `None` where replays go elsewhere.
    fn replay(&self) -> Option<Box<dyn Sink>> {
        None
    }

    /// Whether a replay passes over what live delivery has written.
    fn replays_in_place(&self) -> bool {
        false
    }
}

/// What a sink did that no sink may do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Broken(String);

impl From<Failure> for Broken {
    fn from(failure: Failure) -> Self {
        Self(format!("{failure:?}"))
    }
}

impl Broken {
    pub(super) fn new(said: impl Into<String>) -> Self {
        Self(said.into())
    }
}

/// Holds that two things are equal; `what` says of which.
pub(super) fn same<T: PartialEq + Debug>(what: &str, got: T, want: T) -> Result<(), Broken> {
    match (got, want) {
        (got, want) if got == want => Ok(()),
        (got, want) => Err(Broken(format!("{what}: {got:?}, not {want:?}"))),
    }
}

pub(super) fn checkpoint(position: u64) -> Checkpoint {
    Checkpoint { journal: JOURNAL, shard: 0, position, chain: position.wrapping_mul(u64::MAX / 7) }
}

/// Connects as delivery does: again and again while the failure may pass by itself.
pub(super) fn connect<D: Destination>(
    destination: &D,
    sink: &mut dyn Sink,
) -> Result<Option<Checkpoint>, Broken> {
    let began = Instant::now();
    loop {
        match sink.connect(JOURNAL, &destination.streams()) {
            Err(Failure::Retry { .. }) if began.elapsed() < CONNECT_TIMEOUT => {
                thread::sleep(Duration::from_millis(50));
            }
            connected => return Ok(connected?),
        }
    }
}

/// The stream of a position.
pub(super) fn stream_of<D: Destination>(destination: &D, position: u64) -> usize {
    let streams = u64::try_from(destination.streams().len()).unwrap_or(1).max(1);
    usize::try_from(position % streams).unwrap_or_default()
}

/// Writes one record with this datum.
pub(super) fn write_datum<D: Destination>(
    destination: &D,
    sink: &mut dyn Sink,
    position: u64,
    datum: &[u8],
) -> Result<(), Failure> {
    sink.write(&[Record {
        stream: stream_of(destination, position),
        key: "key",
        datum,
        journal: JOURNAL,
        position,
        shard: 0,
        received_at: 1_700_000_000_000_000,
        endpoint: "main",
        event_id: Some("event"),
        traceparent: None,
        tracestate: None,
        dead_letter: None,
        is_forgotten: false,
    }])
}

/// Writes these positions, each alone, and commits the last one.
pub(super) fn deliver<D: Destination>(
    destination: &D,
    sink: &mut dyn Sink,
    positions: impl IntoIterator<Item = u64>,
) -> Result<(), Failure> {
    let mut last = 0;
    for position in positions {
        write_datum(destination, sink, position, &destination.datum(position))?;
        last = position;
    }
    sink.commit(checkpoint(last))
}

/// Goes on behind the checkpoint, through position `last`.
pub(super) fn go_on<D: Destination>(
    destination: &D,
    sink: &mut dyn Sink,
    committed: Option<Checkpoint>,
    last: u64,
) -> Result<(), Broken> {
    let from = committed.map_or(0, |checkpoint| checkpoint.position);
    if from < last { Ok(deliver(destination, sink, from + 1..=last)?) } else { Ok(()) }
}

/// Holds that each of these positions stands once, in this order, and nothing else.
pub(super) fn holds<D: Destination>(destination: &D, positions: &[u64]) -> Result<(), Broken> {
    for stream in 0..destination.streams().len() {
        let of_stream = |position: &&u64| stream_of(destination, **position) == stream;
        let want: Vec<u64> = positions.iter().filter(of_stream).copied().collect();
        same(&format!("positions on stream {stream}"), destination.read_back(stream), want)?;
    }
    Ok(())
}
