use std::{
    thread,
    time::{Duration, Instant},
};

use kalends_delivery::used_forget_list;
use kalends_journal_local::try_lock;
use kalends_settings::Settings;

use crate::journals;

/// How long sinks may take to commit what they have written by the list before.
const PATIENCE: Duration = Duration::from_secs(10);

/// Whether a running daemon uses the list.
#[derive(Debug)]
pub(super) enum Taken {
    /// None runs; the next start uses it.
    NoDaemon,
    /// Every sink uses it.
    Uses,
    /// It has not said so, and why.
    NotSaid(String),
}

/// Waits until every sink of the running daemon has noted that it uses the list of this revision.
pub(super) fn wait(settings: &Settings, revision: u64) -> Taken {
    // Once: a daemon that starts in this moment would find its journal in use.
    if !is_running(settings) {
        return Taken::NoDaemon;
    }
    let begun = Instant::now();
    loop {
        let late = late(settings, revision);
        if late.is_empty() {
            return Taken::Uses;
        }
        if begun.elapsed() >= PATIENCE {
            let why = format!("sink {} has not noted it within {} s", late.join(", "), PATIENCE.as_secs());
            return if is_running(settings) { Taken::NotSaid(why) } else { Taken::NoDaemon };
        }
        thread::park_timeout(Duration::from_millis(50));
    }
}

/// Whether anybody writes the journal, or that can't be found out.
fn is_running(settings: &Settings) -> bool {
    try_lock(&settings.journal.directory).is_err()
}

/// The sinks that were last noted to use another list.
fn late(settings: &Settings, revision: u64) -> Vec<&str> {
    let uses =
        |sink: &str| used_forget_list(&journals::notes(settings, sink)).is_ok_and(|used| used >= revision);
    settings.sinks.keys().map(String::as_str).filter(|sink| !uses(sink)).collect()
}
