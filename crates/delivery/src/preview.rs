//! Records of single receipts as a sink is given them, by the decoder, the window and the encoder that deliver.

use std::{sync::Arc, time::Duration};

use kalends_journal::{Frame, ShardLog};
use kalends_normalise::{Plan, QuirkSeen};
use kalends_sink::{Record, Stream};

use crate::{
    dedup::dedup_window::{DedupWindow, Verdict},
    encode::{encoder::Encoder, routes::Routes},
    forget::{ForgottenPeople, Listed, Person},
    journal_ids::JournalIds,
    privacy::{Fault, Policies},
    scan::decoder::{Content, DecodedEvent, ReceiptDecoder, Unreadable},
    settings::Feed,
};

/// A receipt of the journal can't be read.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct PreviewError(#[from] Unreadable);

/// Reads receipts as the scanner does, in the journal's order, and delivers nothing.
pub struct PreviewReader {
    decoder: ReceiptDecoder,
    /// The record type of dead letters.
    dead_letter: usize,
    window: DedupWindow,
}

/// A receipt as delivery carries it.
#[derive(Debug)]
pub struct PreviewedEvent {
    event: Arc<DecodedEvent>,
    record: usize,
    duplicate: bool,
}

/// The records of one sink, one at a time.
pub struct SinkPreview {
    routes: Routes,
    encoder: Encoder,
}

/// A record as the sink is given it.
#[derive(Debug)]
pub struct PreviewedRecord<'a> {
    /// The record's topic and schema.
    pub stream: &'a Stream,
    /// The record.
    pub record: Record<'a>,
    /// The index of its record type among [`Plan::records`].
    pub record_type: usize,
}

impl PreviewReader {
    /// A reader of receipts of `log`, or of no journal, with an empty window of this length.
    #[must_use]
    pub fn new(plan: Arc<Plan>, log: Option<&dyn ShardLog>, window: Duration) -> Self {
        let dead_letter = plan.dead_letter();
        let decoder = ReceiptDecoder::new(plan, journal_ids(log));
        Self { decoder, dead_letter, window: DedupWindow::new(window) }
    }

    /// Reads a receipt for the window alone.
    ///
    /// # Errors
    /// [`PreviewError`] when the receipt can't be read.
    pub fn pass(&mut self, frame: &Frame<'_>) -> Result<(), PreviewError> {
        if let Some(fingerprint) = self.decoder.fingerprint(frame)? {
            self.window.observe(fingerprint, frame.time);
        }
        Ok(())
    }

    /// Reads a receipt, and compares it with those before it.
    ///
    /// # Errors
    /// [`PreviewError`] when the receipt can't be read.
    pub fn read(&mut self, frame: &Frame<'_>) -> Result<PreviewedEvent, PreviewError> {
        let event = self.decoder.decode(frame)?;
        let (record, verdict) = match &event.content {
            Content::Event(content) => {
                let verdict = content.fingerprint.map(|f| self.window.observe(f, event.time));
                (Some(content.record), verdict)
            }
            Content::DeadLetter { .. } => (None, None),
        };
        let record = record.unwrap_or(self.dead_letter);
        Ok(PreviewedEvent { event: Arc::new(event), record, duplicate: verdict == Some(Verdict::Duplicate) })
    }
}

impl PreviewedEvent {
    /// The receipt's position in the journal.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.event.position
    }

    /// The time at which the webhook was received, in microseconds since the Unix epoch.
    #[must_use]
    pub fn received_at(&self) -> i64 {
        self.event.received_at
    }

    /// The endpoint's name in the configuration.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.event.endpoint
    }

    /// The index of its record type among [`Plan::records`].
    #[must_use]
    pub fn record_type(&self) -> usize {
        self.record
    }

    /// Tells whether the event repeats one of the window, so that no sink gets the event.
    #[must_use]
    pub fn is_duplicate(&self) -> bool {
        self.duplicate
    }

    /// Reason and message of a dead letter. `None` for an event.
    #[must_use]
    pub fn dead_letter(&self) -> Option<(&'static str, &str)> {
        match &self.event.content {
            Content::Event(_) => None,
            Content::DeadLetter { letter, .. } => Some((letter.reason.as_str(), &letter.message)),
        }
    }

    /// Tells whether the event is of one of these people, or may be and can't be searched.
    #[must_use]
    pub fn is_of(&self, people: &ForgottenPeople, plan: &Plan) -> bool {
        people.include(&self.event, plan)
    }

    /// The event's subscription, where its fields name one of these people.
    #[must_use]
    pub fn subscription_of(&self, people: &ForgottenPeople, plan: &Plan) -> Option<Person> {
        people.subscription(&self.event, plan)
    }

    /// The oddities of an event.
    #[must_use]
    pub fn quirks(&self) -> &[QuirkSeen] {
        match &self.event.content {
            Content::Event(event) => &event.quirks,
            Content::DeadLetter { .. } => &[],
        }
    }
}

impl SinkPreview {
    /// The records of a sink that is fed like this, of receipts of `log` or of no journal.
    ///
    /// # Errors
    /// [`Fault`] when its rules about personal data can't be followed.
    pub fn new(plan: &Arc<Plan>, log: Option<&dyn ShardLog>, feed: &Feed) -> Result<Self, Fault> {
        let policies = Policies::compile(&feed.privacy, plan)?;
        let routes = Routes::new(plan, &feed.selection, &feed.topics);
        let encoder = Encoder::new(Arc::clone(plan), journal_ids(log), policies, feed.strip_nul);
        Ok(Self { routes, encoder })
    }

    /// Uses this list of forgotten people from now on.
    pub fn forget(&mut self, listed: &Arc<Listed>) {
        self.encoder.forget(listed);
    }

    /// Tells whether an event is of a forgotten person, or may be and can't be searched.
    #[must_use]
    pub fn is_forgotten(&self, event: &PreviewedEvent) -> bool {
        self.encoder.is_forgotten(&event.event)
    }

    /// The sink's record of an event, duplicate or not; `None` where the sink doesn't get its type.
    pub fn record(&mut self, event: &PreviewedEvent) -> Option<PreviewedRecord<'_>> {
        self.encoder.clear();
        self.encoder.add(&self.routes, &event.event);
        let record = self.encoder.records().into_iter().next()?;
        let stream = self.routes.streams().get(record.stream)?;
        Some(PreviewedRecord { stream, record, record_type: event.record })
    }
}

fn journal_ids(log: Option<&dyn ShardLog>) -> Arc<JournalIds> {
    Arc::new(log.map_or_else(JournalIds::nobodys, JournalIds::of))
}
