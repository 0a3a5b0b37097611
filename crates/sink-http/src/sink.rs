//! The sink: rounds of requests, and what is noted before and after each.

mod round;

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use kalends_sink::{Checkpoint, Failure, JournalId, Pacing, Record, RowBuffer, Schema, Sink, Stream};

use crate::{
    compose::Composer,
    event::{Event, Reader},
    kind::HttpSettings,
    metrics::Numbers,
    pace::Pace,
    preset::Preset,
    send::Sender,
    store::{Cause, DeadLetterFile, Doubt, DoubtFile, Memory, Position, PositionNote},
};

/// Longest time from a commit's beginning to the beginning of its last request.
const START_WINDOW: Duration = Duration::from_secs(5);

/// Most bytes of datums between two commits.
const BYTES: u64 = 8 << 20;

/// Delivers to one HTTP API.
///
/// A commit ends at the latest 5 s and a request's time-out after its beginning.
pub struct HttpSink {
    settings: HttpSettings,
    preset: &'static Preset,
    composer: Composer,
    pace: Pace,
    metrics: Numbers,
    files: Files,
    streams: Vec<StreamReader>,
    sender: Option<Sender>,
    /// The journal that is delivered, and how far.
    journal: Option<JournalId>,
    position: Position,
    /// True once the files were read by this process.
    is_loaded: bool,
    does_without_checkpoint: bool,
    written: Vec<Written>,
    buffer: RowBuffer,
    /// The last position that the process before this one had sent.
    doubt_through: u64,
    /// Hashes of what that process had sent, by position.
    hashes: BTreeMap<u64, u64>,
    /// Doubts that could not be noted yet.
    unnoted: Vec<Doubt>,
    /// Most events of a request with the event at a position.
    halves: BTreeMap<u64, usize>,
}

/// The files beside the journal.
pub(crate) struct Files {
    pub(crate) note: PositionNote,
    pub(crate) doubts: DoubtFile,
    pub(crate) letters: DeadLetterFile,
    pub(crate) memory: Memory,
}

struct StreamReader {
    reader: Reader,
    schema: Arc<Schema>,
}

struct Written {
    event: Event,
    /// A dead letter's datum and the stream that it is of.
    letter: Option<(usize, Vec<u8>)>,
}

impl HttpSink {
    pub(crate) fn new(
        settings: HttpSettings,
        preset: &'static Preset,
        files: Files,
        metrics: Numbers,
        is_replay: bool,
    ) -> Self {
        let rate = settings.rate.or(preset.rate);
        Self {
            composer: Composer::new(preset, &settings, !is_replay),
            pace: Pace::new(rate.map(crate::kind::Rate::per_second)),
            settings,
            preset,
            metrics,
            files,
            streams: Vec::new(),
            sender: None,
            journal: None,
            position: Position::default(),
            is_loaded: false,
            does_without_checkpoint: false,
            written: Vec::new(),
            buffer: RowBuffer::default(),
            doubt_through: 0,
            hashes: BTreeMap::new(),
            unnoted: Vec::new(),
            halves: BTreeMap::new(),
        }
    }

    fn load(&mut self) -> Result<(), Failure> {
        if self.is_loaded {
            return Ok(());
        }
        self.files.memory.open()?;
        if let Err(error) = self.files.note.load() {
            if !self.does_without_checkpoint {
                return Err(Failure::hold(format!(
                    "the note of how far this sink has got can't be read: {}: {error}; put it back, or say where to go on with \
                     `kalends sinks seek NAME --to latest`",
                    self.files.note.shown()
                )));
            }
            self.files.note.set_aside().map_err(|error| Failure::retry(error.to_string()))?;
        }
        self.is_loaded = true;
        Ok(())
    }

    /// Goes over to a journal. What a process before this one had sent without noting the answers is named first.
    fn go_over(&mut self, journal: JournalId) -> Result<(), Failure> {
        // What this process knows may be more than what could be noted.
        if self.journal == Some(journal) {
            return Ok(());
        }
        let mut position = self.files.note.of(journal);
        if let Some(round) = position.round.take() {
            let open = round.items.iter().filter(|item| !position.answered.contains(&item.position));
            let at = Timestamp::now().as_microsecond();
            let shard = position.checkpoint.map_or(0, |checkpoint| checkpoint.shard);
            let doubts: Vec<Doubt> = open
                .map(|item| Doubt {
                    at,
                    cause: Cause::Died,
                    id: format!("{journal}-{shard}-{}", item.position),
                    position: item.position,
                    record: item.record.clone(),
                })
                .collect();
            self.note_doubts(doubts)?;
            self.doubt_through = round.items.iter().map(|item| item.position).max().unwrap_or_default();
            self.hashes = round.items.iter().map(|item| (item.position, item.hash)).collect();
            self.write_note(journal, position.clone())?;
        }
        self.journal = Some(journal);
        self.position = position;
        Ok(())
    }

    fn note_doubts(&mut self, doubts: Vec<Doubt>) -> Result<(), Failure> {
        if !doubts.is_empty() {
            self.metrics.doubts.inc_by(u64::try_from(doubts.len()).unwrap_or(u64::MAX));
            self.unnoted.extend(doubts);
        }
        let added = self.files.doubts.add(&self.unnoted);
        added.map_err(|error| Failure::retry(format!("can't note what may stand twice: {error}")))?;
        self.unnoted.clear();
        Ok(())
    }

    fn write_note(&mut self, journal: JournalId, position: Position) -> Result<(), Failure> {
        let written = self.files.note.write(journal, position);
        written.map_err(|error| Failure::retry(format!("can't write {}: {error}", self.files.note.shown())))
    }

    /// Writes the dead letters that are among what was written.
    fn keep_letters(&self, written: &[Written]) -> Result<(), Failure> {
        let Some((stream, _)) = written.iter().find_map(|written| written.letter.as_ref()) else {
            return Ok(());
        };
        let Some(stream) = self.streams.get(*stream) else { return Ok(()) };
        let letters = written.iter().filter_map(|written| {
            written.letter.as_ref().map(|(_, datum)| (written.event.position, datum.as_slice()))
        });
        let letters: Vec<(u64, &[u8])> =
            letters.filter(|(position, _)| !self.position.answered.contains(position)).collect();
        let kept = self.files.letters.write(&stream.schema, &letters);
        kept.map_err(|error| Failure::retry(format!("can't keep dead letters: {error}")))
    }
}

impl Sink for HttpSink {
    fn connect(&mut self, journal: JournalId, streams: &[Stream]) -> Result<Option<Checkpoint>, Failure> {
        self.written.clear();
        self.load()?;
        let reader = |stream: &Stream| {
            let reader = Reader::new(&stream.schema).map_err(|error| {
                Failure::hold(format!("records of {} can't be read: {error}", stream.schema.name))
            })?;
            Ok(StreamReader { reader, schema: Arc::clone(&stream.schema) })
        };
        self.streams = streams.iter().map(reader).collect::<Result<_, Failure>>()?;
        self.sender = Some(Sender::new(&self.settings, self.preset, self.metrics.clone())?);
        self.go_over(journal)?;
        self.does_without_checkpoint = false;
        self.metrics.identities.set(i64::try_from(self.files.memory.len()).unwrap_or(i64::MAX));
        self.metrics.pace.set(self.pace.per_second());
        Ok(self.position.checkpoint)
    }

    fn write(&mut self, records: &[Record<'_>]) -> Result<(), Failure> {
        for record in records {
            let stream = self.streams.get(record.stream);
            let stream = stream.ok_or_else(|| Failure::retry("not connected"))?;
            let event = stream.reader.read(record, &mut self.buffer).map_err(|error| Failure::Data {
                position: record.position,
                reason: "rejected-by-sink",
                message: error.to_string(),
            })?;
            let letter = record.dead_letter.map(|_| (record.stream, record.datum.to_vec()));
            self.written.push(Written { event, letter });
        }
        Ok(())
    }

    fn commit(&mut self, checkpoint: Checkpoint) -> Result<(), Failure> {
        let journal = self.journal.ok_or_else(|| Failure::retry("not connected"))?;
        let deadline = Instant::now() + START_WINDOW;
        let written = std::mem::take(&mut self.written);
        if self.position.checkpoint.is_some_and(|before| checkpoint.position < before.position) {
            // An operator goes back: what comes now was answered before, and is wanted again.
            self.position.answered.clear();
        }
        self.keep_letters(&written)?;
        let events: Vec<&Event> = written.iter().map(|written| &written.event).collect();
        self.deliver(&events, deadline)?;
        self.files.memory.keep()?;
        self.write_note(journal, Position { checkpoint: Some(checkpoint), ..Position::default() })?;
        self.position = Position { checkpoint: Some(checkpoint), ..Position::default() };
        self.halves.clear();
        self.metrics.identities.set(i64::try_from(self.files.memory.len()).unwrap_or(i64::MAX));
        self.metrics.pace.set(self.pace.per_second());
        Ok(())
    }

    fn do_without_checkpoint(&mut self) {
        self.does_without_checkpoint = true;
    }

    fn asks_to_wait(&self) -> bool {
        self.pace.blocked_until().is_some_and(|until| until > Instant::now())
    }

    fn pacing(&self) -> Pacing {
        let most = usize::from(self.settings.in_flight);
        let rate = self.settings.rate.or(self.preset.rate);
        let in_time = rate.map_or(usize::MAX, |rate| rate.requests_in(START_WINDOW / 2));
        let requests = most.min(in_time).max(1);
        let events = (self.preset.limits.objects / 2).max(1);
        Pacing { records: requests * events, bytes: BYTES, delay: Duration::from_millis(200) }
    }
}
