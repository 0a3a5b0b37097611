use std::time::Duration;

/// One of delivery's loops, as one step after the other: the scanner, or the loop of one sink.
///
/// [`Delivery`](crate::Delivery) gives each a thread. Whoever wants to decide over their order calls the steps.
pub trait Task: Send {
    /// Does what can be done now, and says what to wait for.
    fn step(&mut self) -> Wait;

    /// Waits for it.
    fn wait(&self, wait: Wait);

    /// Whether a wait is over before its time, because what it waits for has come.
    fn is_ready(&self, wait: Wait) -> bool;
}

/// What a task waits for before its next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// Nothing: there is more to do.
    No,
    /// The next event, at most for so long.
    ForEvents(Duration),
    /// The signal to stop, at most for so long.
    ForStop(Duration),
    /// It has ended, and never has a step again.
    Ended,
}

/// Runs a task to its end.
pub(crate) fn run(mut task: Box<dyn Task>) {
    loop {
        match task.step() {
            Wait::No => {}
            Wait::Ended => return,
            wait => task.wait(wait),
        }
    }
}
