use std::{ops::Range, sync::Arc};

use kalends_normalise::{DeadLetterRow, Event, Meta, Plan, without_nul};
use kalends_sink::Record;

use crate::{
    encode::rejected::{Detail, Rejection},
    encode::routes::Routes,
    forget::Listed,
    journal_ids::JournalIds,
    privacy::{Policies, Policy},
    scan::decoder::{Content, DecodedEvent},
};

/// Encodes a batch of events into records over one reused buffer.
pub(crate) struct Encoder {
    plan: Arc<Plan>,
    journal_ids: Arc<JournalIds>,
    policies: Policies,
    forgotten: Arc<Listed>,
    strip_nul: bool,
    datums: Vec<u8>,
    entries: Vec<Entry>,
}

struct Entry {
    event: Arc<DecodedEvent>,
    stream: usize,
    /// Where its datum stands among `datums`; `None` where the sink may see the event's own.
    datum: Option<Range<usize>>,
    dead_letter: Option<DeadLetterInfo>,
    /// True where the sink may not see everything of the event.
    is_guarded: bool,
    is_forgotten: bool,
}

/// Why a record is a dead letter, and what it is known by.
struct DeadLetterInfo {
    reason: &'static str,
    message: String,
    event_id: Option<String>,
    /// Its event id, or its position where that is missing.
    key: String,
}

impl Encoder {
    pub(crate) fn new(
        plan: Arc<Plan>,
        journal_ids: Arc<JournalIds>,
        policies: Policies,
        strip_nul: bool,
    ) -> Self {
        let (datums, entries) = (Vec::new(), Vec::new());
        Self { plan, journal_ids, policies, forgotten: Arc::default(), strip_nul, datums, entries }
    }

    /// Uses this list of forgotten people from now on.
    pub(crate) fn forget(&mut self, listed: &Arc<Listed>) {
        self.forgotten = Arc::clone(listed);
    }

    /// Tells whether an event is of a forgotten person.
    pub(crate) fn is_forgotten(&self, event: &DecodedEvent) -> bool {
        self.forgotten.people.include(event, &self.plan)
    }

    pub(crate) fn clear(&mut self) {
        self.datums.clear();
        self.entries.clear();
    }

    /// Adds an event's record, unless the sink doesn't get its type.
    pub(crate) fn add(&mut self, routes: &Routes, event: &Arc<DecodedEvent>) {
        match &event.content {
            Content::Event(content) => self.add_event(routes, event, content),
            Content::DeadLetter { letter, body } => {
                let (reason, message) = (letter.reason.as_str(), letter.message.clone());
                self.add_dead_letter(
                    routes,
                    event,
                    body,
                    Rejection { reason, message, detail: Detail::Whole },
                );
            }
        }
    }

    /// Adds the dead letter that stands for a record which the sink has refused.
    pub(crate) fn add_rejected(
        &mut self,
        routes: &Routes,
        event: &Arc<DecodedEvent>,
        rejection: &Rejection,
        body: &[u8],
    ) {
        let mut rejection = rejection.clone();
        // A dead letter that was refused keeps its own reason.
        if let Content::DeadLetter { letter, .. } = &event.content {
            rejection.reason = letter.reason.as_str();
            rejection.message.clone_from(&letter.message);
        }
        self.add_dead_letter(routes, event, body, rejection);
    }

    fn add_event(&mut self, routes: &Routes, event: &Arc<DecodedEvent>, content: &Event) {
        let Some(stream) = routes.stream(content.record) else { return };
        let stripped = if self.strip_nul { content.without_nul() } else { None };
        let is_forgotten = self.is_forgotten(event);
        let policy = self.policies.of(is_forgotten);
        let is_guarded = policy.is_some();
        let datum = match (policy, &stripped) {
            (None, None) => None,
            (policy, stripped) => {
                let begin = self.datums.len();
                let content = stripped.as_ref().unwrap_or(content);
                match policy {
                    None => self.datums.extend_from_slice(content.datum()),
                    Some(policy) => policy.encode(content, &mut self.datums),
                }
                Some(begin..self.datums.len())
            }
        };
        let event = Arc::clone(event);
        self.entries.push(Entry { event, stream, datum, dead_letter: None, is_guarded, is_forgotten });
    }

    fn add_dead_letter(
        &mut self,
        routes: &Routes,
        event: &Arc<DecodedEvent>,
        body: &[u8],
        rejection: Rejection,
    ) {
        let Some(stream) = routes.stream(self.plan.dead_letter()) else { return };
        let Rejection { reason, message, detail } = rejection;
        let (mut event_id, mut event_type) = identity(event, detail);
        let is_forgotten = self.is_forgotten(event);
        let policy = self.policies.of(is_forgotten);
        let is_guarded = policy.is_some();
        if let Some(policy) = policy {
            (event_id, event_type) = (policy.letter_id(event_id), policy.letter_type(event_type));
        }
        let strip = |text: &str| if self.strip_nul { without_nul(text) } else { None };
        let (bare_id, bare_type) = (event_id.and_then(strip), event_type.and_then(strip));
        let bare_message = strip(&message);
        let begin = self.datums.len();
        let row = DeadLetterRow {
            meta: Meta {
                endpoint: &event.endpoint,
                received_at: event.received_at,
                journal_id: &self.journal_ids.at(event.position).name,
                shard: self.journal_ids.shard(),
                position: event.position,
            },
            reason,
            message: bare_message.as_deref().unwrap_or(&message),
            body_bytes: u64::try_from(body.len()).unwrap_or(u64::MAX),
            body: (detail == Detail::Whole && !is_guarded).then_some(body),
            event_id: bare_id.as_deref().or(event_id),
            event_type: bare_type.as_deref().or(event_type),
        };
        self.plan.encode_dead_letter(&row, &mut self.datums);
        let datum = Some(begin..self.datums.len());
        let key = event_id.map_or_else(|| event.position.to_string(), str::to_owned);
        let event_id = event_id.map(str::to_owned);
        let dead_letter = Some(DeadLetterInfo { reason, message, event_id, key });
        let event = Arc::clone(event);
        self.entries.push(Entry { event, stream, datum, dead_letter, is_guarded, is_forgotten });
    }

    /// The positions of the batch's dead letters, each with its reason.
    pub(crate) fn dead_letters(&self) -> impl Iterator<Item = (u64, &'static str)> {
        self.entries
            .iter()
            .filter_map(|entry| Some((entry.event.position, entry.dead_letter.as_ref()?.reason)))
    }

    /// The batch's records, in the order they were added.
    pub(crate) fn records(&self) -> Vec<Record<'_>> {
        self.entries.iter().map(|entry| self.record(entry)).collect()
    }

    fn record<'a>(&'a self, entry: &'a Entry) -> Record<'a> {
        let event = &*entry.event;
        let (key, event_id) = match (&entry.dead_letter, &event.content) {
            (Some(letter), _) => (letter.key.as_str(), letter.event_id.as_deref()),
            (None, Content::Event(content)) => (content.key(), Some(content.event_id())),
            (None, Content::DeadLetter { .. }) => ("", None),
        };
        let datum = match (&entry.datum, &event.content) {
            (Some(range), _) => self.datums.get(range.clone()).unwrap_or_default(),
            (None, Content::Event(content)) => content.datum(),
            (None, Content::DeadLetter { .. }) => &[],
        };
        Record {
            stream: entry.stream,
            key,
            datum,
            journal: self.journal_ids.at(event.position).id,
            position: event.position,
            shard: self.journal_ids.shard(),
            received_at: event.received_at,
            endpoint: &event.endpoint,
            event_id,
            traceparent: if entry.is_guarded {
                Policy::traceparent(event.traceparent.as_deref())
            } else {
                event.traceparent.as_deref()
            },
            // Any text may stand in it, so only a sink that may see everything sees it.
            tracestate: event.tracestate.as_deref().filter(|_| !entry.is_guarded),
            dead_letter: entry.dead_letter.as_ref().map(|letter| (letter.reason, letter.message.as_str())),
            is_forgotten: entry.is_forgotten,
        }
    }
}

/// Event id and type, as far as they are known and wanted.
fn identity(event: &DecodedEvent, detail: Detail) -> (Option<&str>, Option<&str>) {
    match &event.content {
        _ if detail == Detail::Position => (None, None),
        Content::Event(content) => (Some(content.event_id()), Some(content.event_type())),
        Content::DeadLetter { letter, .. } => (letter.event_id.as_deref(), letter.event_type.as_deref()),
    }
}
