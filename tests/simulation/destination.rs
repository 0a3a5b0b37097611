use std::sync::{Arc, Mutex, MutexGuard};

use kalends_sink::{Checkpoint, Failure, Sink};

use crate::{
    destination_fault::{DestinationFault, FaultPeriod},
    dice::Dice,
    history::History,
    sink::Transactional,
    time::Time,
};

/// What the destinations say when they want somebody to act. No sink may hold for anything else.
pub(crate) const REFUSAL: &str = "the registry refuses the schema";
pub(crate) const NO_REGISTRY: &str = "the registry does not answer: schema ids are not known yet";
/// What a sink says that is shown an older checkpoint than it has committed.
pub(crate) const PUT_BACK: &str = "an older state of the destination was put back";
pub(crate) const FENCED: &str = "another process has taken this sink's place";

/// A record as it was committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) topic: String,
    pub(crate) key: String,
    pub(crate) position: u64,
    pub(crate) reason: Option<String>,
}

/// A transaction whose end nobody was told: its coordinator has yet to decide.
#[derive(Debug, Clone)]
pub(crate) struct InDoubt {
    pub(crate) records: Vec<Kept>,
    pub(crate) checkpoint: Checkpoint,
    pub(crate) epoch: u64,
}

/// What is at the destination, whichever process delivers there.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) kept: Vec<Kept>,
    pub(crate) checkpoint: Option<Checkpoint>,
    pub(crate) in_doubt: Option<InDoubt>,
    /// Grows with whoever takes the destination; what an older one sends is refused.
    pub(crate) epoch: u64,
    /// Whether what an older one sends is refused indeed.
    pub(crate) fences: bool,
    pub(crate) period: Option<FaultPeriod>,
    pub(crate) dice: Dice,
    /// Small accidents happen: answers that are lost, transactions that expire.
    pub(crate) shaky: bool,
    pub(crate) accidents: u64,
}

/// A destination with transactions, as a broker has them. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Destination {
    pub(crate) name: &'static str,
    pub(crate) time: Time,
    history: History,
    state: Arc<Mutex<State>>,
}

impl Destination {
    pub(crate) fn new(name: &'static str, time: Time, history: History, dice: Dice) -> Self {
        let state = State {
            kept: Vec::new(),
            checkpoint: None,
            in_doubt: None,
            epoch: 0,
            fences: true,
            period: None,
            dice,
            shaky: true,
            accidents: 0,
        };
        Self { name, time, history, state: Arc::new(Mutex::new(state)) }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// A client of a new process.
    pub(crate) fn sink(&self) -> Box<dyn Sink> {
        Box::new(Transactional::new(self.clone()))
    }

    /// A fault begins.
    pub(crate) fn begin_fault(&self, period: FaultPeriod) {
        let mut state = self.state();
        // Whoever is connected has to connect again.
        if matches!(period.fault, DestinationFault::Fenced | DestinationFault::PutBack) {
            state.epoch += 1;
        }
        state.period = Some(period);
    }

    /// All is well from now on.
    pub(crate) fn heal(&self) {
        let mut state = self.state();
        state.period = None;
        state.shaky = false;
    }

    pub(crate) fn tell(&self, what: impl std::fmt::Display) {
        self.history.tell(format_args!("{}: {what}", self.name));
    }
}

impl State {
    /// What the registry tells somebody who connects at `now`.
    pub(crate) fn schemas(&self, now: std::time::Duration) -> Result<(), Failure> {
        let is_away =
            |period: &FaultPeriod| period.fault == DestinationFault::RegistryAway && now < period.until;
        if self.period.as_ref().is_some_and(is_away) { Err(Failure::hold(NO_REGISTRY)) } else { Ok(()) }
    }

    /// Whether who connects at `now` is shown an older checkpoint.
    pub(crate) fn is_put_back(&self, now: std::time::Duration) -> bool {
        self.period.is_some_and(|period| period.fault == DestinationFault::PutBack && now < period.until)
    }

    /// Fails while there is a fault at `now`, or when an accident happens to this request.
    pub(crate) fn answer(&mut self, now: std::time::Duration) -> Result<(), Failure> {
        match self.period.filter(|period| now < period.until).map(|period| period.fault) {
            Some(DestinationFault::Away) => return Err(Failure::retry("nobody answers")),
            Some(DestinationFault::Refuses) => return Err(Failure::hold(REFUSAL)),
            Some(DestinationFault::Fenced) => return Err(Failure::hold(FENCED)),
            Some(DestinationFault::RegistryAway | DestinationFault::PutBack) | None => {}
        }
        if self.accident(10) { Err(Failure::retry("the connection was lost")) } else { Ok(()) }
    }

    /// Whether an accident happens, so many times of a thousand.
    pub(crate) fn accident(&mut self, permille: u64) -> bool {
        let happens = self.shaky && self.dice.permille(permille);
        self.accidents += u64::from(happens);
        happens
    }

    /// The coordinator decides what became of a transaction that it was not told to end, or was told and did not answer.
    pub(crate) fn decide(&mut self) {
        let Some(doubt) = self.in_doubt.take() else { return };
        if doubt.epoch == self.epoch && self.dice.permille(500) {
            self.apply(doubt.records, doubt.checkpoint);
        }
    }

    pub(crate) fn apply(&mut self, records: Vec<Kept>, checkpoint: Checkpoint) {
        self.kept.extend(records);
        self.checkpoint = Some(checkpoint);
    }
}
