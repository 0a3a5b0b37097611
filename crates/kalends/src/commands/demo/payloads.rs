/// One body of the demo.
#[derive(Debug, Clone, Copy)]
pub(super) struct Payload {
    pub(super) name: &'static str,
    pub(super) body: &'static [u8],
}

macro_rules! sample {
    ($file:literal) => {
        Payload {
            name: $file,
            body: include_bytes!(concat!("../../../../../tests/fixtures/samples/", $file)),
        }
    };
}

/// The seven payloads of the sender's reference, byte for byte as printed there, faults and all, and one test event.
pub(super) const PAYLOADS: [Payload; 8] = [
    sample!("subscribe.json"),
    sample!("unsubscribe.json"),
    sample!("subscription-details-updated.json"),
    sample!("subscription-event-added.json"),
    sample!("subscription-event-updated.json"),
    sample!("subscription-event-removed.json"),
    sample!("subscription-event-deleted.json"),
    Payload {
        name: "test.json",
        body:
            br#"{"eventId": "5a0c1b9e-6f0d-4a53-9d3c-2f1f0a7f6f10", "eventType": "Test", "eventDetails": {}}"#,
    },
];
