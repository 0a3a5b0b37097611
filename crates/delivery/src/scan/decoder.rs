use std::sync::Arc;

use kalends_journal::Frame;
use kalends_normalise::{DeadLetter, Event, Fingerprint, Meta, Normaliser, Outcome, Plan};
use kalends_receipt::Receipt;

use crate::journal_ids::JournalIds;

/// A receipt as delivery carries it: read and normalised once.
#[derive(Debug)]
pub(crate) struct DecodedEvent {
    pub(crate) position: u64,
    /// Chained checksum of its frame.
    pub(crate) chain: u64,
    /// Journal time, in microseconds since the Unix epoch.
    pub(crate) time: i64,
    pub(crate) received_at: i64,
    pub(crate) endpoint: Arc<str>,
    pub(crate) traceparent: Option<String>,
    pub(crate) tracestate: Option<String>,
    /// The stored receipt's length in bytes: what this event roughly costs in memory.
    pub(crate) weight: usize,
    pub(crate) content: Content,
}

/// What the receipt turned out to be.
#[derive(Debug)]
pub(crate) enum Content {
    Event(Event),
    DeadLetter { letter: DeadLetter, body: Vec<u8> },
}

/// A frame of the journal is no receipt that this version can read.
#[derive(Debug, thiserror::Error)]
#[error("the receipt at journal position {position} can't be read: {source}")]
pub(crate) struct Unreadable {
    position: u64,
    source: kalends_receipt::Error,
}

/// Turns frames into events: decodes the receipt, normalises the body.
pub(crate) struct ReceiptDecoder {
    normaliser: Normaliser,
    journal_ids: Arc<JournalIds>,
    /// The endpoint of the receipt before, which most likely is the next one's.
    endpoint: Arc<str>,
}

impl ReceiptDecoder {
    pub(crate) fn new(plan: Arc<Plan>, journal_ids: Arc<JournalIds>) -> Self {
        Self { normaliser: Normaliser::new(plan), journal_ids, endpoint: Arc::default() }
    }

    /// The fingerprint that the event of a frame has, if it has one.
    pub(crate) fn fingerprint(&mut self, frame: &Frame<'_>) -> Result<Option<Fingerprint>, Unreadable> {
        let receipt = Self::receipt(frame)?;
        Ok(self.normaliser.fingerprint(receipt.body, receipt.envelope.endpoint))
    }

    fn receipt<'a>(frame: &Frame<'a>) -> Result<Receipt<'a>, Unreadable> {
        let position = frame.position;
        Receipt::decode(frame.payload).map_err(|source| Unreadable { position, source })
    }

    pub(crate) fn decode(&mut self, frame: &Frame<'_>) -> Result<DecodedEvent, Unreadable> {
        self.decode_with(frame, Normaliser::normalise)
    }

    /// The same for one that was judged before: without its fingerprint.
    pub(crate) fn decode_again(&mut self, frame: &Frame<'_>) -> Result<DecodedEvent, Unreadable> {
        self.decode_with(frame, Normaliser::normalise_again)
    }

    fn decode_with(
        &mut self,
        frame: &Frame<'_>,
        normalise: fn(&mut Normaliser, &[u8], &Meta<'_>) -> Outcome,
    ) -> Result<DecodedEvent, Unreadable> {
        let (position, receipt) = (frame.position, Self::receipt(frame)?);
        let envelope = receipt.envelope;
        let meta = Meta {
            endpoint: envelope.endpoint,
            received_at: envelope.received_at,
            journal_id: &self.journal_ids.at(position).name,
            shard: self.journal_ids.shard(),
            position,
        };
        let content = match normalise(&mut self.normaliser, receipt.body, &meta) {
            Outcome::Event(event) => Content::Event(event),
            Outcome::DeadLetter(letter) => Content::DeadLetter { letter, body: receipt.body.to_vec() },
        };
        if *self.endpoint != *envelope.endpoint {
            self.endpoint = envelope.endpoint.into();
        }
        Ok(DecodedEvent {
            position,
            chain: frame.chain,
            time: frame.time,
            received_at: envelope.received_at,
            endpoint: Arc::clone(&self.endpoint),
            traceparent: envelope.traceparent.map(str::to_owned),
            tracestate: envelope.tracestate.map(str::to_owned),
            weight: frame.payload.len(),
            content,
        })
    }
}
