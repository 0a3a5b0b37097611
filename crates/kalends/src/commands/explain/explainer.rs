use std::{io::ErrorKind, sync::Arc};

use jiff::Timestamp;
use kalends_delivery::{Feed, ForgetList, Listed, PreviewReader, PreviewedEvent, SinkPreview};
use kalends_journal::{Frame, ShardLog};
use kalends_normalise::Plan;
use kalends_receipt::Envelope;
use kalends_settings::{Settings, Sink};
use kalends_sink::{Explanation, JournalId};

use super::{
    account::{Account, Place, SinkAccount},
    fields::Fields,
};
use crate::{
    output::{
        exit::{Exit, Failure},
        stderr::say,
    },
    sink_streams,
    sinks::kinds,
};

/// Says of receipts what becomes of them, by what delivers them.
pub(crate) struct Explainer<'a> {
    plan: &'a Plan,
    journal: JournalId,
    reader: PreviewReader,
    /// Every record as it is before any sink's privacy.
    whole: SinkPreview,
    sinks: Vec<(&'a str, &'a Sink, SinkPreview)>,
    /// The sink that it is asked of.
    only: Option<&'a str>,
    endpoints: usize,
}

impl<'a> Explainer<'a> {
    /// An explainer of receipts of `log`, or of bodies that are in no journal: for all sinks, or for one.
    ///
    /// # Errors
    /// A sink's rules about personal data can't be followed (78).
    pub(crate) fn new(
        settings: &'a Settings,
        plan: &'a Arc<Plan>,
        log: Option<&dyn ShardLog>,
        only: Option<&'a str>,
    ) -> Result<Self, Failure> {
        let forgotten = Arc::new(forgotten(settings, log.is_some())?);
        let preview = |feed: &Feed| {
            let mut preview = SinkPreview::new(plan, log, feed)
                .map_err(|fault| Failure::new(Exit::Configuration, fault))?;
            preview.forget(&forgotten);
            Ok::<_, Failure>(preview)
        };
        let sinks = settings.sinks.iter().filter(|(name, _)| only.is_none_or(|only| only == *name));
        let sinks = sinks.map(|(name, sink)| {
            let preview = preview(&sink_streams::feed(sink, plan))?;
            Ok((name.as_str(), sink, preview))
        });
        Ok(Self {
            journal: log.map_or(JournalId::new([0; 16]), ShardLog::id),
            reader: PreviewReader::new(Arc::clone(plan), log, settings.deduplicate.window),
            whole: preview(&Feed::default())?,
            sinks: sinks.collect::<Result<_, Failure>>()?,
            plan,
            only,
            endpoints: settings.endpoints.len(),
        })
    }

    /// Reads a receipt of the duplicate window.
    ///
    /// # Errors
    /// It can't be read (65).
    pub(super) fn pass(&mut self, frame: &Frame<'_>) -> Result<(), Failure> {
        self.reader.pass(frame).map_err(|error| Failure::new(Exit::Data, error))
    }

    /// Explains a receipt of the journal.
    ///
    /// # Errors
    /// It can't be read (65).
    pub(crate) fn account(&mut self, frame: &Frame<'_>) -> Result<Account, Failure> {
        let event = self.read(frame)?;
        let place = Place {
            position: event.position(),
            received_at: event.received_at(),
            endpoint: event.endpoint().to_owned(),
        };
        Ok(Account { place: Some(place), ..self.of(&event) })
    }

    /// Explains a body as if `endpoint` had received it now, and it were the first of its journal.
    ///
    /// # Errors
    /// None that a body could bring about.
    pub(super) fn body(&mut self, body: &[u8], endpoint: &str) -> Result<Account, Failure> {
        let received_at = Timestamp::now().as_microsecond();
        let mut receipt = Vec::new();
        Envelope { endpoint, received_at, traceparent: None, tracestate: None }.write_head(&mut receipt);
        receipt.extend_from_slice(body);
        let event = self.read(&Frame { position: 1, time: received_at, chain: 0, payload: &receipt })?;
        // Of a body that was not sent before nothing can be a repetition.
        let account = Account { is_duplicate: false, ..self.of(&event) };
        let endpoint = (self.endpoints > 1).then(|| endpoint.to_owned());
        Ok(Account { endpoint, ..account })
    }

    fn read(&mut self, frame: &Frame<'_>) -> Result<PreviewedEvent, Failure> {
        self.reader.read(frame).map_err(|error| Failure::new(Exit::Data, error))
    }

    fn of(&mut self, event: &PreviewedEvent) -> Account {
        let record_type = self.plan.records().get(event.record_type());
        let whole = self.whole.record(event);
        let (key, record) = whole.as_ref().map_or_else(Default::default, |whole| {
            let json = self.plan.datum_to_json(whole.record_type, whole.record.datum);
            (whole.record.key.to_owned(), Fields::new(record_type, json))
        });
        let unsent = || {
            let whole = whole.as_ref()?;
            let mut kinds = kinds()
                .iter()
                .map(|kind| (kind.name(), kind.explain(self.journal, whole.stream, &whole.record).headers));
            kinds.find(|(_, headers)| !headers.is_empty())
        };
        let unsent = if self.only.is_some() { None } else { unsent() };
        let mut sinks = Vec::new();
        for (name, sink, preview) in &mut self.sinks {
            let Some(previewed) = preview.record(event) else { continue };
            // A body may be large, and a copy of what is shown already would say nothing.
            let is_whole = whole.as_ref().is_some_and(|whole| whole.record.datum == previewed.record.datum);
            let record = if self.only.is_none() && is_whole {
                Fields::default()
            } else {
                let json = self.plan.datum_to_json(previewed.record_type, previewed.record.datum);
                Fields::new(record_type, json)
            };
            let Explanation { headers, written } =
                sink.own.explain(name, self.journal, previewed.stream, &previewed.record);
            sinks.push(SinkAccount {
                name: (*name).to_owned(),
                topic: previewed.stream.topic.to_string(),
                key: previewed.record.key.to_owned(),
                headers,
                written,
                record,
            });
        }
        Account {
            record_type: record_type.map(|record| record.name.clone()).unwrap_or_default(),
            place: None,
            endpoint: None,
            is_duplicate: event.is_duplicate(),
            is_forgotten: self.whole.is_forgotten(event),
            of: self.only.map(str::to_owned),
            sinks,
            unsent,
            quirks: event.quirks().to_vec(),
            dead_letter: event.dead_letter().map(|(reason, message)| (reason, message.to_owned())),
            key,
            record,
        }
    }
}

/// The list of forgotten people. Bodies that are in no journal can be explained by somebody who may not read it, too.
fn forgotten(settings: &Settings, of_journal: bool) -> Result<Listed, Failure> {
    match ForgetList::of(&settings.journal.directory).read() {
        Err(error) if !of_journal && error.source.kind() == ErrorKind::PermissionDenied => {
            say(format!("{error}: shown as if nobody were forgotten"));
            Ok(Listed::default())
        }
        listed => listed.map_err(|error| Failure::new(Exit::Disk, error)),
    }
}
