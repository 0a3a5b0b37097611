use std::{
    collections::BTreeMap,
    mem,
    sync::Arc,
    time::{Duration, Instant},
};

use kalends_journal::ShardLog;
use kalends_normalise::Plan;
use kalends_sink::{Failure, Pacing, Sink};

use crate::{
    checkpoint::checkpoint_note::{CheckpointNote, NotedCheckpoint},
    checkpoint::progress::Progress,
    checkpoint::put_back::PutBackNote,
    checkpoint::seek::Start,
    encode::encoder::Encoder,
    encode::rejected::RejectedRecords,
    encode::routes::Routes,
    forget::ForgetWatch,
    health::SinkHealth,
    metrics::SinkMetrics,
    operator::command::{Command, CommandFile},
    operator::dead_letter_index::DeadLetterIndex,
    operator::refusal_count::RefusalCount,
    runtime::clock::Clock,
    runtime::stop::Stop,
    runtime::task::{Task, Wait},
    scan::replay_filter::ReplayFilter,
    scan::scan_state::ScanState,
    sink_loop::backoff::Backoff,
    sink_loop::halving::Halving,
    sink_loop::session::{Attempt, Session},
    sink_loop::source::{EventSource, Judged, SourceError},
    sink_loop::spans::Spans,
    sink_loop::stall::Stall,
};

pub(crate) mod backoff;
mod commands;
mod commit_batch;
mod connect;
mod forgotten;
pub(crate) mod halving;
mod notes;
mod refusals;
mod session;
mod skips;
pub(crate) mod source;
pub(crate) mod spans;
pub(crate) mod stall;
mod write;

/// Records written to a sink at a time: few enough that what is made of them stays in the processor's cache, and that the
/// allocator gives the same pieces again.
const CHUNK: usize = 128;
/// Longest sleep of a loop that has nothing to do.
const IDLE_WAIT: Duration = Duration::from_secs(1);
/// How often the note follows the checkpoint, so that a restart knows roughly how far a sink was.
const NOTE_EVERY: Duration = Duration::from_mins(1);
/// How soon after the last note the next one follows a checkpoint behind which nothing waits.
const NOTE_AFTER: Duration = Duration::from_secs(5);
/// How often a command is looked for.
const COMMAND_POLL: Duration = Duration::from_millis(500);

/// Delivers to one sink, from the sink's own position, until the stop signal.
pub(crate) struct SinkLoop {
    /// Its place among the sinks.
    pub(crate) index: usize,
    pub(crate) sink: Box<dyn Sink>,
    pub(crate) required: bool,
    pub(crate) start: Start,
    pub(crate) routes: Routes,
    pub(crate) log: Arc<dyn ShardLog>,
    pub(crate) scan_state: Arc<ScanState>,
    pub(crate) source: EventSource,
    pub(crate) encoder: Encoder,
    pub(crate) forgotten: ForgetWatch,
    pub(crate) rejected: RejectedRecords,
    pub(crate) refusals: RefusalCount,
    pub(crate) halving: Halving,
    pub(crate) stall: Stall,
    pub(crate) progress: Arc<Progress>,
    pub(crate) health: Arc<SinkHealth>,
    pub(crate) metrics: SinkMetrics,
    pub(crate) spans: Spans,
    pub(crate) checkpoint_note: CheckpointNote,
    /// The note that stands, as far as this run knows.
    pub(crate) standing: Option<NotedCheckpoint>,
    /// Renewing the note has failed, and that is in the log.
    pub(crate) note_fails: bool,
    pub(crate) dead_letters: DeadLetterIndex,
    /// In a replay, the events that it takes.
    pub(crate) replay_filter: Option<Arc<ReplayFilter>>,
    pub(crate) plan: Arc<Plan>,
    /// The full name of the records on each topic that the sink has, or ever had.
    pub(crate) topics: BTreeMap<String, String>,
    pub(crate) stop: Arc<Stop>,
    pub(crate) backoff: Backoff,
    /// A failure came after connecting, and no commit has succeeded since.
    pub(crate) unproven: bool,
    pub(crate) clock: Clock,
    pub(crate) phase: Phase,
    /// Where commands wait; `None` where nobody can give any.
    pub(crate) commands: Option<CommandFile>,
    /// A command that has to wait for the next start.
    pub(crate) deferred: Option<Command>,
    /// When a command was last looked for.
    pub(crate) polled_at: Instant,
    /// Where the journal ended when the first delivery began since the destination last agreed with it.
    pub(crate) unconfirmed_since: u64,
    pub(crate) put_back: PutBackNote,
    /// When it tries again after a failure.
    pub(crate) retry_at: Instant,
}

/// Where the loop is between two steps.
pub(crate) enum Phase {
    /// About to connect.
    Connecting,
    /// The same, after a failure.
    Failed,
    /// Connected.
    Delivering(Box<Session>),
    /// Told to stop, and done.
    Ended,
}

/// A destination that refuses before any record was written wants somebody to act.
fn without_records(failure: Failure) -> Failure {
    match failure {
        refused @ Failure::Refused { .. } => Failure::hold(refused.to_string()),
        other => other,
    }
}

impl Task for SinkLoop {
    /// Connects, or takes the next events, or commits; sessions go on until the stop signal, each from connecting to its
    /// first failure.
    fn step(&mut self) -> Wait {
        let done = match mem::replace(&mut self.phase, Phase::Ended) {
            Phase::Connecting if !self.is_over() => self.begin(),
            Phase::Failed if !self.stop.is_given() => self.begin_when_due(),
            Phase::Delivering(session) => self.continue_session(session),
            Phase::Connecting | Phase::Failed | Phase::Ended => Ok(Wait::Ended),
        };
        let wait = done.unwrap_or_else(|failure| self.fail(&failure));
        if wait == Wait::Ended {
            self.health.stopped();
        }
        wait
    }

    fn wait(&self, wait: Wait) {
        match wait {
            Wait::ForEvents(time) => self.scan_state.wait_beyond(self.position(), time),
            Wait::ForStop(time) => self.stop.wait(time),
            Wait::No | Wait::Ended => {}
        }
    }

    fn is_ready(&self, wait: Wait) -> bool {
        match wait {
            Wait::ForEvents(_) => self.scan_state.scanned() > self.position(),
            Wait::ForStop(_) => self.stop.is_given(),
            Wait::No => true,
            Wait::Ended => false,
        }
    }
}

impl SinkLoop {
    fn begin(&mut self) -> Result<Wait, Failure> {
        self.health.show();
        self.forget_between_sessions()?;
        let connected = self.connect();
        let now = self.clock.steady();
        match connected {
            Ok(_) => self.stall.connected(now),
            Err(_) => self.stall.away(now),
        }
        let session = connected.map_err(without_records)?;
        if !self.unproven {
            self.health.running();
        }
        self.unproven = true;
        self.phase = Phase::Delivering(Box::new(session));
        Ok(Wait::No)
    }

    /// Begins when the wait after a failure is over, or a command has come meanwhile.
    fn begin_when_due(&mut self) -> Result<Wait, Failure> {
        let left = self.retry_at.saturating_duration_since(self.clock.steady());
        if left.is_zero() || self.has_command() {
            return self.begin();
        }
        self.phase = Phase::Failed;
        // What can't be read is told by the next connect.
        self.forget_between_sessions().ok();
        Ok(Wait::ForStop(left.min(COMMAND_POLL)))
    }

    fn continue_session(&mut self, mut session: Box<Session>) -> Result<Wait, Failure> {
        let has_command = self.is_command_due();
        let done = if has_command { self.settle(&mut session) } else { self.deliver(&mut session) };
        match done {
            Ok(Wait::Ended) => Ok(Wait::Ended),
            Ok(wait) => {
                self.phase = if has_command { Phase::Connecting } else { Phase::Delivering(session) };
                Ok(wait)
            }
            Err(Failure::Data { position, reason, message }) => {
                Err(self.refuse_named(position, reason, message))
            }
            Err(Failure::Refused { code, message }) => Err(self.search(&session.attempt, code, message)),
            Err(failure @ Failure::Retry { .. }) if self.sink.asks_to_wait() => {
                self.stall.asked_to_wait();
                Err(failure)
            }
            Err(Failure::Retry { message }) if session.attempt.has_failed => {
                Err(self.stalled(&session.attempt, message))
            }
            Err(failure) => Err(failure),
        }
    }

    fn fail(&mut self, failure: &Failure) -> Wait {
        let wait = self.back_off(failure);
        self.health.failed(failure, wait);
        self.spans.failed(failure);
        self.find_oldest_undelivered();
        self.phase = Phase::Failed;
        self.retry_at = self.clock.steady() + wait;
        Wait::ForStop(wait.min(COMMAND_POLL))
    }

    /// How far the session has read.
    fn position(&self) -> u64 {
        if let Phase::Delivering(session) = &self.phase { session.at.position } else { 0 }
    }

    /// Decides what a failure means for the next session. Returns the wait before it.
    fn back_off(&mut self, failure: &Failure) -> Duration {
        match failure {
            Failure::Retry { .. } => self.backoff.after_retry(),
            Failure::Hold { .. } => Backoff::after_hold(),
            Failure::Data { .. } | Failure::Refused { .. } => Duration::ZERO,
        }
    }

    /// So that an operator sees how old the backlog is, even of a sink that was never reached in this run.
    fn find_oldest_undelivered(&self) {
        let Some(delivered) = self.progress.of(self.index) else { return };
        let oldest =
            self.source.received_after(delivered.position.max(self.log.first_kept().saturating_sub(1)));
        self.progress.update(self.index, |delivered| delivered.oldest_undelivered = oldest);
    }

    /// Takes the next events, commits what has fallen due; ends with the stop signal.
    fn deliver(&mut self, session: &mut Session) -> Result<Wait, Failure> {
        self.not_put_back()?;
        self.forget(session)?;
        if self.may_end(session) {
            self.commit(session)?;
            self.note(&session.at)?;
            return Ok(Wait::Ended);
        }
        let pacing = self.pacing(session);
        let next = self.next(session, session.batch.room(&pacing).min(CHUNK))?;
        let is_idle = next.events.is_empty();
        if is_idle {
            self.idle(session)?;
        } else {
            self.write(session, &next)?;
        }
        let due = session.batch.due_in(&pacing, self.has_backlog(session), self.clock.steady());
        if due.is_some_and(|due| due.is_zero()) {
            self.commit(session)?;
        } else if is_idle {
            return Ok(Wait::ForEvents(due.unwrap_or(IDLE_WAIT).min(IDLE_WAIT)));
        }
        Ok(Wait::No)
    }

    /// How much may be written between two commits, now.
    fn pacing(&self, session: &Session) -> Pacing {
        let records =
            self.halving.limit().map_or(session.pacing.records, |limit| limit.min(session.pacing.records));
        Pacing { records, ..session.pacing }
    }

    /// Whether at least another chunk can be had at once.
    fn has_backlog(&self, session: &Session) -> bool {
        let waiting = self.scan_state.scanned().saturating_sub(session.at.position);
        usize::try_from(waiting).is_ok_and(|waiting| waiting >= CHUNK)
    }

    fn may_end(&self, session: &Session) -> bool {
        self.is_over() || self.stop.request().is_some_and(|request| session.at.position >= request.target)
    }

    fn is_over(&self) -> bool {
        self.stop.is_over(self.clock.steady())
    }

    fn next(&mut self, session: &mut Session, most: usize) -> Result<Judged, Failure> {
        match self.source.judged_after(session.at.position, most) {
            // What was written is not in doubt; connecting again finds out what was lost.
            Err(SourceError::Gone { .. }) if !self.required => {
                self.commit(session)?;
                Err(Failure::retry("the journal was full and dropped events that this sink had not had"))
            }
            other => Ok(other?),
        }
    }

    fn idle(&mut self, session: &mut Session) -> Result<(), Failure> {
        if !session.batch.is_empty() {
            return Ok(());
        }
        self.unproven = false;
        self.health.running();
        let is_behind = self.noted_position() != Some(session.at.position);
        let now = self.clock.steady();
        if is_behind && now.saturating_duration_since(session.noted) >= NOTE_AFTER {
            session.noted = now;
            self.note(&session.at)?;
        }
        Ok(())
    }
}
