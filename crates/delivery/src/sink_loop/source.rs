use std::sync::Arc;

use kalends_journal::{FrameReader, ReadError, ShardLog};
use kalends_normalise::Plan;
use kalends_sink::Failure;

use crate::{
    journal_ids::JournalIds,
    scan::decoder::{DecodedEvent, ReceiptDecoder},
    scan::scan_state::ScanState,
};

/// Bytes of receipts that are taken at a time, but for a single larger one.
const MAX_BYTES: usize = 1 << 20;

/// Where a sink loop gets its events: the scanner's newest, or the journal when it lags behind those.
pub(crate) struct EventSource {
    log: Arc<dyn ShardLog>,
    scan_state: Arc<ScanState>,
    decoder: ReceiptDecoder,
    reader: Option<Box<dyn FrameReader>>,
}

/// Events, and which of their positions are duplicates, in rising order.
#[derive(Default)]
pub(crate) struct Judged {
    pub(crate) events: Vec<Arc<DecodedEvent>>,
    pub(crate) duplicates: Vec<u64>,
}

/// Why there is no next event.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SourceError {
    /// The journal had to drop events that this sink had not had.
    #[error("events through journal position {} are no longer kept", first_kept - 1)]
    Gone { first_kept: u64 },
    /// The journal or a receipt can't be read.
    #[error("{0}")]
    Unreadable(String),
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        Self::hold(error.to_string())
    }
}

impl EventSource {
    pub(crate) fn new(
        log: Arc<dyn ShardLog>,
        scan_state: Arc<ScanState>,
        plan: Arc<Plan>,
        journal_ids: Arc<JournalIds>,
    ) -> Self {
        Self { log, scan_state, decoder: ReceiptDecoder::new(plan, journal_ids), reader: None }
    }

    /// The events behind `position` that the scanner has passed, at most `most` of them; empty when there are none yet.
    pub(crate) fn after(
        &mut self,
        position: u64,
        most: usize,
    ) -> Result<Vec<Arc<DecodedEvent>>, SourceError> {
        let scanned = self.scan_state.scanned();
        if scanned <= position {
            return Ok(Vec::new());
        }
        if let Some(tail) = self.scan_state.tail_after(position, most, MAX_BYTES) {
            self.reader = None;
            return Ok(tail);
        }
        self.read_journal(position, scanned, most)
    }

    /// The events behind `position`, as [`EventSource::after`] has them, and which of their positions are duplicates.
    pub(crate) fn judged_after(&mut self, position: u64, most: usize) -> Result<Judged, SourceError> {
        let events = self.after(position, most)?;
        let (Some(first), Some(last)) = (events.first(), events.last()) else { return Ok(Judged::default()) };
        match self.scan_state.duplicates(first.position, last.position) {
            Some(duplicates) => Ok(Judged { events, duplicates }),
            // Read from a file that the journal has removed meanwhile.
            None => Err(SourceError::Gone { first_kept: self.log.first_kept() }),
        }
    }

    /// The body of the receipt at `position`, as it came.
    pub(crate) fn body_at(&self, position: u64) -> Result<Vec<u8>, SourceError> {
        let mut reader = self.log.read_after(position - 1);
        let frame = reader.next().map_err(|error| Self::fault(&error))?;
        let frame = frame.ok_or(SourceError::Gone { first_kept: self.log.first_kept() })?;
        let receipt = kalends_receipt::Receipt::decode(frame.payload);
        receipt.map(|r| r.body.to_vec()).map_err(|error| SourceError::Unreadable(error.to_string()))
    }

    /// The event at `position`, whether the scanner has passed it or not.
    pub(crate) fn at(&mut self, position: u64) -> Result<Arc<DecodedEvent>, SourceError> {
        let found = self.read_journal(position.saturating_sub(1), position, 1)?.into_iter().next();
        found.ok_or_else(|| SourceError::Gone { first_kept: self.log.first_kept() })
    }

    /// When the event behind `position` was received; `None` when there is none, or it can't be read.
    pub(crate) fn received_after(&self, position: u64) -> Option<i64> {
        let mut reader = self.log.read_after(position);
        let frame = reader.next().ok().flatten()?;
        Some(kalends_receipt::Receipt::decode(frame.payload).ok()?.envelope.received_at)
    }

    fn read_journal(
        &mut self,
        position: u64,
        through: u64,
        most: usize,
    ) -> Result<Vec<Arc<DecodedEvent>>, SourceError> {
        let mut reader = match self.reader.take() {
            Some(reader) if reader.position() == position => reader,
            _ => self.log.read_after(position),
        };
        let (mut events, mut bytes) = (Vec::new(), 0);
        while events.len() < most && bytes < MAX_BYTES && reader.position() < through {
            let Some(frame) = reader.next().map_err(|error| Self::fault(&error))? else { break };
            let event = self.decoder.decode_again(&frame);
            let event = event.map_err(|error| SourceError::Unreadable(error.to_string()))?;
            bytes += event.weight;
            events.push(Arc::new(event));
        }
        self.reader = Some(reader);
        Ok(events)
    }

    fn fault(error: &ReadError) -> SourceError {
        match error {
            ReadError::Gone { first_kept, .. } => SourceError::Gone { first_kept: *first_kept },
            other => SourceError::Unreadable(other.to_string()),
        }
    }
}
