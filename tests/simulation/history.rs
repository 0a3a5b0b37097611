use std::{
    fmt::Write as _,
    sync::{Arc, Mutex},
};

use crate::time::Time;

/// What has happened, a line each.
#[derive(Debug, Clone)]
pub(crate) struct History {
    time: Time,
    text: Arc<Mutex<String>>,
}

impl History {
    pub(crate) fn new(time: Time) -> Self {
        Self { time, text: Arc::default() }
    }

    pub(crate) fn tell(&self, what: impl std::fmt::Display) {
        let seconds = self.time.elapsed().as_secs_f64();
        writeln!(self.text.lock().unwrap(), "{seconds:9.3} {what}").unwrap();
    }

    pub(crate) fn text(&self) -> String {
        self.text.lock().unwrap().clone()
    }
}
