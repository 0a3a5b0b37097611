use std::collections::BTreeMap;

use kalends_settings::Size;
use serde_json::{Value, json};

use crate::output::instant;

/// A dead letter, but for what is personal in it.
#[derive(Debug)]
pub(super) struct Letter<'a> {
    pub(super) position: u64,
    /// In microseconds since the Unix epoch.
    pub(super) received_at: i64,
    pub(super) endpoint: &'a str,
    pub(super) body_bytes: u64,
    /// Why it is one: reason and message. `None` for what is an event today.
    pub(super) unreadable: Option<(&'a str, &'a str)>,
    /// The sinks that were given it, with the reasons they noted.
    pub(super) sinks: BTreeMap<&'a str, Option<&'a str>>,
}

impl Letter<'_> {
    /// Why it is one, or was when a sink was given it.
    pub(super) fn reason(&self) -> Option<&str> {
        self.unreadable.map(|(reason, _)| reason).or_else(|| self.sinks.values().flatten().next().copied())
    }

    /// The heads of the columns of [`Letter::row`].
    pub(super) fn heads() -> String {
        columns("POSITION", "RECEIVED", "ENDPOINT", "REASON", "SIZE", "SINKS")
    }

    /// For people, on one line.
    pub(super) fn row(&self) -> String {
        let sinks: Vec<_> = self.sinks.keys().copied().collect();
        let sinks = if sinks.is_empty() { "-".to_owned() } else { sinks.join(",") };
        let (position, size) = (self.position.to_string(), Size::told(self.body_bytes));
        let received = instant::shown(self.received_at);
        let received = received.as_str().unwrap_or_default();
        columns(&position, received, self.endpoint, self.reason().unwrap_or("-"), &size, &sinks)
    }

    /// For programs.
    pub(super) fn json(&self) -> Value {
        json!({
            "position": self.position,
            "received_at": instant::shown(self.received_at),
            "endpoint": self.endpoint,
            "reason": self.reason(),
            "message": self.unreadable.map(|(_, message)| message),
            "is_event_now": self.unreadable.is_none(),
            "body_bytes": self.body_bytes,
            "sinks": self.sinks,
        })
    }
}

fn columns(position: &str, received: &str, endpoint: &str, reason: &str, size: &str, sinks: &str) -> String {
    format!("{position:>10}  {received:<27}  {endpoint:<12}  {reason:<16}  {size:>9}  {sinks}")
}
