use std::{path::PathBuf, time::Duration};

use crate::EventType;

/// Content, target and pace of a load.
#[derive(Debug, Clone)]
pub struct Settings {
    /// URL to post to: `http://HOST:PORT/PATH`.
    pub url: String,
    /// Token to send as `Authorization: Bearer`.
    pub token: Option<String>,
    /// Number of events; by default one of each type, and of `file` one.
    pub count: Option<u64>,
    /// Events a second, above 0; by default as fast as they are answered.
    pub rate: Option<f64>,
    /// Connections, each with one request at a time.
    pub connections: u32,
    /// Event types to take turns; without any, people subscribe, stay, leave and come back.
    pub types: Vec<EventType>,
    /// Seed: the same one makes the same events, ids and all; without one, ids are new each time.
    pub seed: Option<u64>,
    /// Time during which an event that is not answered 2xx is posted again; `None` is not at all.
    pub retry: Option<Duration>,
    /// A file whose content is posted in place of made-up events.
    pub file: Option<PathBuf>,
    /// A file to which the id of each event is appended as soon as it is answered 2xx.
    pub out: Option<PathBuf>,
}
