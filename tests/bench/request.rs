use std::io::Write as _;

use anyhow::Context as _;
use kalends_tests::{config::PATH, sample};
use xxhash_rust::xxh3::xxh3_128_with_seed;

/// The id that stands for the event and for the subscription in the documented payload.
const ID: &[u8] = b"0f1d5918-052d-4915-89a7-8cc9c4d33492";
/// Events in a row that belong to one subscription.
const OF_ONE_SUBSCRIPTION: u32 = 8;

/// A request with a Subscribe event as the sender's reference prints it, to be filled in with other ids.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    bytes: Vec<u8>,
    /// Where the two ids stand.
    event: usize,
    subscription: usize,
}

impl Request {
    /// # Errors
    /// The payload is missing, or has other ids.
    pub(crate) fn subscribe() -> anyhow::Result<Self> {
        let samples = sample::seven()?;
        let body =
            samples.into_iter().find(|sample| sample.name == "subscribe").context("no such sample")?.body;
        let mut bytes = Vec::new();
        write!(bytes, "POST {PATH} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n")?;
        write!(bytes, "content-length: {}\r\n\r\n", body.len())?;
        bytes.extend_from_slice(&body);
        let mut ids = bytes.windows(ID.len()).enumerate().filter(|(_, part)| *part == ID);
        let mut next = || ids.next().map(|(at, _)| at);
        let (event, subscription) = next().zip(next()).context("the sample has no two ids")?;
        Ok(Self { bytes, event, subscription })
    }

    /// The request with the event of this number.
    pub(crate) fn with(&mut self, number: u32) -> &[u8] {
        for (at, id) in
            [(self.event, id(1, number)), (self.subscription, id(2, number / OF_ONE_SUBSCRIPTION))]
        {
            if let Some(place) = self.bytes.get_mut(at..at + ID.len()) {
                place.copy_from_slice(id.as_bytes());
            }
        }
        &self.bytes
    }
}

/// An id that no compression can guess.
fn id(kind: u64, number: u32) -> String {
    let bits = xxh3_128_with_seed(&number.to_le_bytes(), kind);
    let hex = format!("{bits:032x}");
    let parts = [8, 4, 4, 4, 12].into_iter().scan(hex.as_str(), |rest, length| {
        let (part, behind) = rest.split_at_checked(length)?;
        *rest = behind;
        Some(part)
    });
    parts.collect::<Vec<_>>().join("-")
}
