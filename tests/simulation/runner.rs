use std::time::Duration;

use kalends_delivery::{Task, Wait};

use crate::dice::Dice;

/// A task and what it waits for.
pub(crate) struct Runner {
    task: Box<dyn Task>,
    wait: Wait,
    since: Duration,
    /// What it did last takes so long.
    busy_until: Duration,
}

impl Runner {
    pub(crate) fn new(task: Box<dyn Task>) -> Self {
        Self { task, wait: Wait::No, since: Duration::ZERO, busy_until: Duration::ZERO }
    }

    /// Gives a task turns that is told to stop, until it has come to its end.
    pub(crate) fn end(&mut self) {
        while !self.has_ended() {
            self.wait = self.task.step();
        }
    }

    /// Whether the task has come to its end.
    pub(crate) fn has_ended(&self) -> bool {
        self.wait == Wait::Ended
    }

    pub(crate) fn is_able(&self, now: Duration) -> bool {
        self.busy_until <= now
            && match self.wait {
                Wait::No => true,
                Wait::Ended => false,
                Wait::ForEvents(time) | Wait::ForStop(time) => {
                    now >= self.since + time || self.task.is_ready(self.wait)
                }
            }
    }

    pub(crate) fn turn(&mut self, now: Duration, dice: &mut Dice) {
        self.wait = self.task.step();
        self.since = now;
        if dice.permille(100) {
            self.busy_until = now + dice.millis(1, 60);
        }
    }

    pub(crate) fn next(&self) -> Option<Duration> {
        match self.wait {
            Wait::No => Some(self.busy_until),
            Wait::Ended => None,
            Wait::ForEvents(time) | Wait::ForStop(time) => {
                let called = self.task.is_ready(self.wait);
                Some(if called { self.busy_until } else { self.busy_until.max(self.since + time) })
            }
        }
    }
}
