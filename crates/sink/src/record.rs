use std::{sync::Arc, time::Duration};

use crate::JournalId;

/// The Avro schema of a record type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// Name without namespace, such as `Subscribe`.
    pub name: String,
    /// Full name, such as `rokt.calendar.Subscribe`.
    pub full_name: String,
    /// The schema as JSON, with every `doc` and without kalends' own attributes.
    pub json: String,
    /// CRC-64-AVRO (Rabin) fingerprint of the schema's Parsing Canonical Form, as Avro's single-object encoding wants it.
    pub fingerprint: u64,
}

/// One topic of a sink and the schema of its records.
///
/// A sink is told all of its streams at [`connect`](crate::Sink::connect), so that it can check them before the first record.
#[derive(Debug, Clone)]
pub struct Stream {
    /// The topic's whole name.
    pub topic: Arc<str>,
    /// What every record on it looks like.
    pub schema: Arc<Schema>,
}

/// One flat record, encoded and addressed.
#[derive(Debug, Clone)]
pub struct Record<'a> {
    /// Index into the streams given at [`connect`](crate::Sink::connect).
    pub stream: usize,
    /// What records are partitioned and ordered by.
    pub key: &'a str,
    /// The Avro datum: binary encoding by the stream's schema, without any framing.
    pub datum: &'a [u8],
    /// The identity by which the journal's position is known.
    pub journal: JournalId,
    /// The journal position that the record came from.
    pub position: u64,
    /// The journal's shard.
    pub shard: u32,
    /// When the webhook was received, in microseconds since the Unix epoch.
    pub received_at: i64,
    /// Endpoint the webhook arrived at (its name in the configuration).
    pub endpoint: &'a str,
    /// The sender's identifier of the notification; `None` for a dead letter without one.
    pub event_id: Option<&'a str>,
    /// W3C `traceparent` of the request, where it had one.
    pub traceparent: Option<&'a str>,
    /// W3C `tracestate` of the request, where it had one.
    pub tracestate: Option<&'a str>,
    /// Why the record is a dead letter: reason and message. `None` for every other record.
    pub dead_letter: Option<(&'a str, &'a str)>,
    /// Whether the event is of a forgotten person: what a sink itself remembers of that person must not go out either.
    pub is_forgotten: bool,
}

/// How much delivery may write to a sink between two commits. A commit falls due at whichever bound is reached first.
#[derive(Debug, Clone, Copy)]
pub struct Pacing {
    /// Most records of one commit.
    pub records: usize,
    /// Most bytes of datums of one commit.
    pub bytes: u64,
    /// Longest time from the first record written to its commit.
    pub delay: Duration,
}
