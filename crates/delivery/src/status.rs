use std::collections::BTreeMap;

use serde::Serialize;

use crate::state::SinkState;

/// Delivery at this moment, for `/status`. Times are microseconds since the Unix epoch.
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    /// The scanner.
    pub scanner: ScannerStatus,
    /// Each sink, in the configuration's order.
    pub sinks: Vec<SinkStatus>,
    /// What came in.
    pub intake: IntakeStatus,
    /// The last dead letters, the newest first.
    pub dead_letters: Vec<LastDeadLetter>,
}

/// What was received in each of the last sixty minutes, the oldest first. The last one is not over yet.
#[derive(Debug, Clone, Serialize)]
pub struct IntakeStatus {
    /// When the newest minute began.
    pub newest_minute: i64,
    /// Events by record type; those of which there was none are left out.
    pub events: BTreeMap<String, Vec<u64>>,
    /// How many of them repeat an event of the duplicate window.
    pub repeated: Vec<u64>,
    /// Webhooks that are no event.
    pub dead_letters: Vec<u64>,
}

/// A webhook that became a dead letter, without anything of what was sent.
#[derive(Debug, Clone, Serialize)]
pub struct LastDeadLetter {
    /// Its position in the journal.
    pub position: u64,
    /// When it was received.
    pub received_at: i64,
    /// The endpoint's name in the configuration.
    pub endpoint: String,
    /// The sink that refused it; `None` when it is no event to any.
    pub sink: Option<String>,
    /// Why, as in metrics and records.
    pub reason: &'static str,
    /// What was wrong and where, in words.
    pub message: String,
}

/// How delivery ended.
#[derive(Debug, Clone)]
pub struct Stopped {
    /// Every sink ended within the time it was given.
    pub in_time: bool,
    /// Through which position receipts were scanned.
    pub scanned_position: u64,
    /// Where each sink was at the end, in the configuration's order.
    pub sinks: Vec<SinkStatus>,
}

/// How far the scanner is.
#[derive(Debug, Clone, Serialize)]
pub struct ScannerStatus {
    /// The position through which the journal is synced.
    pub synced_position: u64,
    /// The position through which it is scanned.
    pub scanned_position: u64,
    /// Fingerprints in the duplicate window.
    pub window_fingerprints: usize,
    /// Why it can't go on, if it can't.
    pub error: Option<String>,
}

/// How far one sink is.
#[derive(Debug, Clone, Serialize)]
pub struct SinkStatus {
    /// Its name in the configuration.
    pub name: String,
    /// Whether the journal waits for it.
    pub required: bool,
    /// What it is doing.
    pub state: SinkState,
    /// Since when.
    pub since: i64,
    /// The last position that is durable at its destination, as far as known.
    pub position: u64,
    /// Synced positions behind that.
    pub lag_events: u64,
    /// When the oldest event that is not delivered was received.
    pub oldest_undelivered: Option<i64>,
    /// The last failure, in words.
    pub last_error: Option<String>,
    /// When that was.
    pub last_error_at: Option<i64>,
    /// The position whose record alone the destination has failed on for 15 minutes or longer, though connecting works; `None`
    /// where there is none.
    pub stuck_at: Option<u64>,
    /// The position that becomes a dead letter once an order to skip it is carried out; `None` where none waits.
    pub skip_at: Option<u64>,
    /// Entries on the list of forgotten people that it uses.
    pub forgotten: usize,
    /// The revision of that list.
    pub forget_revision: u64,
    /// The position that it goes on with once a seek that waits is carried out; `None` where none waits.
    pub seek_to: Option<u64>,
}
