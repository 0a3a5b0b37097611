use std::{
    collections::BTreeMap,
    mem,
    sync::Arc,
    time::{Duration, Instant},
};

use kalends_journal::JournalReader;
use kalends_normalise::Plan;
use kalends_sink::{Checkpoint, Failure, JournalId, Pacing, Sink};

use crate::{
    backoff::Backoff,
    board::Board,
    choice::ReplayFilter,
    clock::Clock,
    condemned::Condemned,
    condition::Condition,
    encoder::Encoder,
    feed::{Feed, FeedError},
    letters::Letters,
    metrics::SinkMetrics,
    order::{Command, CommandFile},
    pending::Pending,
    progress::Progress,
    resume::{Resume, Resumption},
    routes::Routes,
    scan::{SHARD, Scanned},
    settings::Start,
    spans::Spans,
    stop::Stop,
    witness::Witness,
    worker::{Task, Wait},
};

mod notes;
mod obedience;
mod refusal;

/// Records written to a sink at a time: few enough that what is made of them stays in the processor's cache, and that the
/// allocator gives the same pieces again.
const CHUNK: usize = 128;
/// Longest sleep of a loop that has nothing to do.
const IDLE: Duration = Duration::from_secs(1);
/// How often the witness follows the checkpoint, so that a restart knows roughly how far a sink was.
const NOTE_EVERY: Duration = Duration::from_mins(1);
/// How often an order is looked for.
const LOOK: Duration = Duration::from_millis(500);

/// Delivers to one sink, from the sink's own position, until the stop signal.
pub(crate) struct SinkLoop {
    /// Its place among the sinks.
    pub(crate) index: usize,
    pub(crate) sink: Box<dyn Sink>,
    pub(crate) required: bool,
    pub(crate) start: Start,
    pub(crate) routes: Routes,
    pub(crate) log: JournalReader,
    pub(crate) board: Arc<Board>,
    pub(crate) feed: Feed,
    pub(crate) encoder: Encoder,
    pub(crate) condemned: Condemned,
    pub(crate) progress: Arc<Progress>,
    pub(crate) condition: Arc<Condition>,
    pub(crate) metrics: SinkMetrics,
    pub(crate) spans: Spans,
    pub(crate) witness: Witness,
    pub(crate) letters: Letters,
    /// In a replay, the events that it takes.
    pub(crate) choice: Option<Arc<ReplayFilter>>,
    pub(crate) plan: Arc<Plan>,
    /// The full name of the records on each topic that the sink has, or ever had.
    pub(crate) topics: BTreeMap<String, String>,
    pub(crate) stop: Arc<Stop>,
    pub(crate) backoff: Backoff,
    /// A failure came after connecting, and no commit has succeeded since.
    pub(crate) shaky: bool,
    pub(crate) clock: Clock,
    pub(crate) phase: Phase,
    /// Where orders wait; `None` where nobody can give any.
    pub(crate) orders: Option<CommandFile>,
    /// An order that has to wait for the next start.
    pub(crate) deferred: Option<Command>,
    /// When an order was last looked for.
    pub(crate) looked: Instant,
    /// When it tries again after a failure.
    pub(crate) again_at: Instant,
}

/// Where the loop is between two turns.
pub(crate) enum Phase {
    /// About to connect.
    Connecting,
    /// The same, after a failure.
    Failed,
    /// Connected.
    Delivering(Session),
    /// Told to stop, and done.
    Ended,
}

/// How far a session has read, and what of that is not committed yet.
pub(crate) struct Session {
    at: Checkpoint,
    time: Option<i64>,
    pending: Pending,
    /// Dead letters written and not noted yet.
    letters: Vec<(u64, &'static str)>,
    pacing: Pacing,
    noted: Instant,
}

impl Task for SinkLoop {
    /// Connects, or takes the next events, or commits; sessions go on until the stop signal, each from connecting to its
    /// first failure.
    fn turn(&mut self) -> Wait {
        let done = match mem::replace(&mut self.phase, Phase::Ended) {
            Phase::Connecting if !self.is_over() => self.begin(),
            Phase::Failed if !self.stop.is_given() => self.begin_when_due(),
            Phase::Delivering(session) => self.go_on(session),
            Phase::Connecting | Phase::Failed | Phase::Ended => Ok(Wait::Ended),
        };
        let rest = done.unwrap_or_else(|failure| self.fail(&failure));
        if rest == Wait::Ended {
            self.condition.stopped();
        }
        rest
    }

    fn rest(&self, rest: Wait) {
        match rest {
            Wait::ForEvents(time) => self.board.wait_beyond(self.position(), time),
            Wait::ForStop(time) => self.stop.wait(time),
            Wait::No | Wait::Ended => {}
        }
    }

    fn is_called(&self, rest: Wait) -> bool {
        match rest {
            Wait::ForEvents(_) => self.board.scanned() > self.position(),
            Wait::ForStop(_) => self.stop.is_given(),
            Wait::No => true,
            Wait::Ended => false,
        }
    }
}

impl SinkLoop {
    fn begin(&mut self) -> Result<Wait, Failure> {
        self.condition.show();
        let session = self.connect()?;
        if !self.shaky {
            self.condition.running();
        }
        self.shaky = true;
        self.phase = Phase::Delivering(session);
        Ok(Wait::No)
    }

    /// Begins when the wait after a failure is over, or an order has come meanwhile.
    fn begin_when_due(&mut self) -> Result<Wait, Failure> {
        let left = self.again_at.saturating_duration_since(self.clock.steady());
        if left.is_zero() || self.has_order() {
            return self.begin();
        }
        self.phase = Phase::Failed;
        Ok(Wait::ForStop(left.min(LOOK)))
    }

    fn go_on(&mut self, mut session: Session) -> Result<Wait, Failure> {
        let is_ordered = self.is_ordered_now();
        let done = if is_ordered { self.settle(&mut session) } else { self.deliver(&mut session) };
        match done {
            Ok(Wait::Ended) => Ok(Wait::Ended),
            Ok(rest) => {
                self.phase = if is_ordered { Phase::Connecting } else { Phase::Delivering(session) };
                Ok(rest)
            }
            Err(Failure::Data { position, reason, message }) => Err(self.condemn(position, reason, message)),
            Err(failure) => Err(failure),
        }
    }

    fn fail(&mut self, failure: &Failure) -> Wait {
        let wait = self.take(failure);
        self.condition.failed(failure, wait);
        self.spans.failed(failure);
        self.find_oldest_undelivered();
        self.phase = Phase::Failed;
        self.again_at = self.clock.steady() + wait;
        Wait::ForStop(wait.min(LOOK))
    }

    /// How far the session has read.
    fn position(&self) -> u64 {
        if let Phase::Delivering(session) = &self.phase { session.at.position } else { 0 }
    }

    /// Decides what a failure means for the next session. Returns the wait before it.
    fn take(&mut self, failure: &Failure) -> Duration {
        match failure {
            Failure::Retry { .. } => self.backoff.after_retry(),
            Failure::Hold { .. } => Backoff::after_hold(),
            Failure::Data { .. } => Duration::ZERO,
        }
    }

    /// So that an operator sees how old the backlog is, even of a sink that was never reached in this run.
    fn find_oldest_undelivered(&self) {
        let Some(delivered) = self.progress.of(self.index) else { return };
        let oldest =
            self.feed.received_after(delivered.position.max(self.log.first_kept().saturating_sub(1)));
        self.progress.update(self.index, |delivered| delivered.oldest_undelivered = oldest);
    }

    fn connect(&mut self) -> Result<Session, Failure> {
        let journal = JournalId::new(self.log.id());
        let noted = self.noted()?;
        let order = self.order()?;
        let committed = self.sink.connect(journal, self.routes.streams())?;
        if let Some(Command::Seek(to)) = order {
            return self.seek(to, committed);
        }
        let resumption = Resumption {
            log: &self.log,
            noted: noted.map(|note| note.checkpoint),
            witness: &self.witness,
            start: self.start,
            required: self.required,
        };
        let at = match resumption.from(committed)? {
            Resume::At(checkpoint) => checkpoint,
            Resume::Begin(checkpoint) => {
                self.sink.commit(checkpoint)?;
                checkpoint
            }
            Resume::Lost { resume, events } => {
                tracing::error!(events, "events were lost to a full journal: this sink is not required");
                self.metrics.lost(events);
                // What is noted below must be what the destination has.
                self.sink.commit(resume)?;
                resume
            }
        };
        self.session_at(at)
    }

    fn session_at(&mut self, at: Checkpoint) -> Result<Session, Failure> {
        self.note(&at)?;
        let tidied = self.letters.tidy(self.log.first_kept());
        tidied.map_err(|error| self.cant_note(&error))?;
        self.progress.update(self.index, |delivered| {
            delivered.confirmed = true;
            delivered.position = at.position;
        });
        let (pending, pacing) = (Pending::default(), self.sink.pacing());
        let letters = Vec::new();
        Ok(Session { at, time: None, pending, letters, pacing, noted: self.clock.steady() })
    }

    /// Takes the next events, commits what has fallen due; ends with the stop signal.
    fn deliver(&mut self, session: &mut Session) -> Result<Wait, Failure> {
        if self.may_end(session) {
            self.commit(session)?;
            self.note(&session.at)?;
            return Ok(Wait::Ended);
        }
        let events = self.next(session, session.pending.room(&session.pacing).min(CHUNK))?;
        if events.is_empty() {
            self.idle(session);
        } else {
            self.write(session, &events)?;
        }
        let due = session.pending.due_in(&session.pacing, self.has_backlog(session), self.clock.steady());
        if due.is_some_and(|due| due.is_zero()) {
            self.commit(session)?;
        } else if events.is_empty() {
            return Ok(Wait::ForEvents(due.unwrap_or(IDLE).min(IDLE)));
        }
        Ok(Wait::No)
    }

    /// Whether at least another chunk can be had at once.
    fn has_backlog(&self, session: &Session) -> bool {
        let waiting = self.board.scanned().saturating_sub(session.at.position);
        usize::try_from(waiting).is_ok_and(|waiting| waiting >= CHUNK)
    }

    fn may_end(&self, session: &Session) -> bool {
        self.is_over() || self.stop.order().is_some_and(|order| session.at.position >= order.target)
    }

    fn is_over(&self) -> bool {
        self.stop.is_over(self.clock.steady())
    }

    fn next(&mut self, session: &mut Session, most: usize) -> Result<Vec<Arc<Scanned>>, Failure> {
        match self.feed.after(session.at.position, most) {
            // What was written is not in doubt; connecting again finds out what was lost.
            Err(FeedError::Gone { .. }) if !self.required => {
                self.commit(session)?;
                Err(Failure::retry("the journal was full and dropped events that this sink had not had"))
            }
            other => Ok(other?),
        }
    }

    fn idle(&mut self, session: &Session) {
        if session.pending.is_empty() {
            self.shaky = false;
            self.condition.running();
        }
    }

    fn write(&mut self, session: &mut Session, events: &[Arc<Scanned>]) -> Result<(), Failure> {
        let (Some(first), Some(last)) = (events.first(), events.last()) else { return Ok(()) };
        if session.pending.is_empty() {
            let oldest = Some(first.received_at);
            self.progress.update(self.index, |delivered| delivered.oldest_undelivered = oldest);
        }
        self.encode(events, &self.board.duplicates(first.position, last.position))?;
        let records = self.encoder.records();
        let bytes = records.iter().map(|record| u64::try_from(record.datum.len()).unwrap_or(u64::MAX)).sum();
        let now = self.clock.steady();
        if records.is_empty() {
            session.pending.passed(now);
        } else {
            self.spans.writing(&records, self.routes.streams());
            self.sink.write(&records)?;
            session.letters.extend(self.encoder.letters());
            session.pending.wrote(records.len(), bytes, now);
        }
        session.at = Checkpoint { shard: SHARD, position: last.position, chain: last.chain, ..session.at };
        session.time = Some(last.time);
        Ok(())
    }

    fn encode(&mut self, events: &[Arc<Scanned>], duplicates: &[u64]) -> Result<(), Failure> {
        self.encoder.clear();
        for event in events {
            let is_taken = self.choice.as_ref().is_none_or(|choice| choice.takes(event, &self.plan));
            if !is_taken || duplicates.binary_search(&event.position).is_ok() {
                continue;
            }
            match self.condemned.get(event.position) {
                None => self.encoder.add(&self.routes, event),
                Some(sentence) => {
                    let body = self.feed.body_at(event.position)?;
                    self.encoder.add_condemned(&self.routes, event, sentence, &body);
                }
            }
        }
        Ok(())
    }

    fn commit(&mut self, session: &mut Session) -> Result<(), Failure> {
        if session.pending.is_empty() {
            return Ok(());
        }
        // Noted first: what dies between is noted and not committed, and that does no harm.
        self.letters.note(&session.letters).map_err(|error| self.cant_note(&error))?;
        session.letters.clear();
        let begun = self.clock.steady();
        self.sink.commit(session.at)?;
        let now = self.clock.steady();
        self.metrics.committed(session.pending.records(), now.saturating_duration_since(begun));
        self.spans.committed();
        session.pending = Pending::default();
        self.condemned.forget_through(session.at.position);
        self.letters.forget_through(session.at.position);
        self.backoff.reset();
        self.shaky = false;
        self.condition.running();
        let (position, time) = (session.at.position, session.time);
        self.progress.update(self.index, |delivered| {
            delivered.position = position;
            delivered.time = time;
            delivered.oldest_undelivered = None;
        });
        if now.saturating_duration_since(session.noted) >= NOTE_EVERY {
            session.noted = now;
            self.note(&session.at)?;
        }
        Ok(())
    }
}
