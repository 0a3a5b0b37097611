//! The sender's documented payloads, byte for byte as printed.

use std::{fs, path::Path};

/// A documented payload and where its record lands.
#[derive(Debug, Clone)]
pub struct Sample {
    /// The file's name without its ending.
    pub name: &'static str,
    /// The topic's suffix.
    pub suffix: &'static str,
    /// The request's body.
    pub body: Vec<u8>,
}

impl Sample {
    /// The default topic.
    #[must_use]
    pub fn topic(&self) -> String {
        format!("rokt.calendar.{}", self.suffix)
    }
}

/// The seven event types of the sender's reference.
///
/// # Errors
/// A file is missing.
pub fn seven() -> std::io::Result<Vec<Sample>> {
    let read = |(name, suffix)| Ok(Sample { name, suffix, body: body(name)? });
    [
        ("subscribe", "subscribe"),
        ("unsubscribe", "unsubscribe"),
        ("subscription-details-updated", "subscription-details-updated"),
        ("subscription-event-added", "subscription-event-added"),
        ("subscription-event-updated", "subscription-event-updated"),
        ("subscription-event-removed", "subscription-event-removed"),
        ("subscription-event-deleted", "subscription-event-deleted"),
    ]
    .into_iter()
    .map(read)
    .collect()
}

/// The reference shows no Test event; this is one as its text describes it.
#[must_use]
pub fn test_event() -> Sample {
    let body = br#"{"eventId":"0f1d5918-052d-4915-89a7-8cc9c4d33492","eventType":"Test","eventDetails":{"message":"a test"}}"#;
    Sample { name: "test", suffix: "test", body: body.to_vec() }
}

fn body(name: &str) -> std::io::Result<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/samples");
    fs::read(folder.join(name).with_extension("json"))
}
