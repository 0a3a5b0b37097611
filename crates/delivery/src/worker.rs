use std::time::Duration;

/// One of delivery's loops, as the work of one turn after the other: the scanner, or the loop of one sink.
///
/// [`Delivery`](crate::Delivery) gives each a thread. Whoever wants to decide over their order gives them their turns.
pub trait Task: Send {
    /// Does what can be done now, and says what to wait for.
    fn turn(&mut self) -> Wait;

    /// Waits for it.
    fn rest(&self, rest: Wait);

    /// Whether a rest is over before its time, because what it waits for has come.
    fn is_called(&self, rest: Wait) -> bool;
}

/// What a worker waits for before its next turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// Nothing: there is more to do.
    No,
    /// The next event, at most for so long.
    ForEvents(Duration),
    /// The signal to stop, at most for so long.
    ForStop(Duration),
    /// It has ended, and never has a turn again.
    Ended,
}

/// Gives a worker all of its turns.
pub(crate) fn run(mut worker: Box<dyn Task>) {
    loop {
        match worker.turn() {
            Wait::No => {}
            Wait::Ended => return,
            rest => worker.rest(rest),
        }
    }
}
