use serde::Serialize;

/// An event that may stand twice at the destination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Doubt {
    /// Time at which that was found, in microseconds since the Unix epoch.
    pub at: i64,
    /// The cause, in one word.
    pub cause: &'static str,
    /// The event's id at the destination.
    pub id: String,
    /// The event's position in the journal.
    pub position: u64,
    /// The record type.
    pub record: String,
}
