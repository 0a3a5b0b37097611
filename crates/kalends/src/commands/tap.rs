//! `kalends tap`: what a sink gets, live. Reads the journal's files beside the daemon, which has no part in it.

mod follow;
mod reader_watch;
mod window;

use std::sync::Arc;

use kalends_delivery::{ForgetList, ForgetWatch, PreviewReader, PreviewedEvent, SinkPreview};
use kalends_journal::ShardLog;
use kalends_normalise::Plan;
use kalends_settings::{SecretUse, Settings, Sink, schema_catalogue::Catalogue};
use kalends_sink::JournalId;
use serde::{Serialize, ser::SerializeMap};
use serde_json::json;

use self::follow::Follow;
use super::{explain::Fields, sinks::known};
use crate::{
    cli::TapArgs,
    output::{
        exit::{Exit, Failure},
        instant,
        stdout::{Reader, Stdout},
    },
    sink_streams,
};

/// Prints what a sink gets until its reader has left, or there were as many records as wanted.
///
/// # Errors
/// There is no such sink (64) or position (65); the journal can't be read (74); the configuration can't be used (78).
pub fn tap(args: &TapArgs) -> Result<(), Failure> {
    let name = name(args)?;
    let settings = args.configuration.settings_with(SecretUse::HashKey(&name))?;
    let Some(sink) = settings.sinks.get(&name) else { return known(&settings, &name) };
    let schemas = Catalogue::read(settings.schemas.directory.as_deref(), settings.timestamps.into())
        .map_err(|faults| Failure::new(Exit::Configuration, faults))?;
    let plan = Arc::new(schemas.plan);
    let mut follow = Follow::new(&settings, args.from.map(|from| from.0))?;
    let mut tap = Tap::new(&settings, &plan, follow.log(), &name, sink)?;
    let mut left = args.limit;
    follow.run(|frame, is_shown| {
        if !is_shown {
            tap.reader.pass(frame).map_err(|error| Failure::new(Exit::Data, error))?;
            return Ok(Reader::Listening);
        }
        let event = tap.reader.read(frame).map_err(|error| Failure::new(Exit::Data, error))?;
        if event.is_duplicate() || !tap.print(&event)? {
            return Ok(tap.heard);
        }
        left = left.map(|left| left - 1);
        Ok(if left == Some(0) { Reader::Gone } else { tap.heard })
    })
}

/// The sink that is meant.
fn name(args: &TapArgs) -> Result<String, Failure> {
    if let Some(name) = &args.sink {
        return Ok(name.clone());
    }
    let settings = args.configuration.settings_with(SecretUse::None)?;
    let names: Vec<_> = settings.sinks.keys().cloned().collect();
    if let [only] = names.as_slice() {
        return Ok(only.clone());
    }
    let message = format!("the configuration has several sinks; choose one by --sink: {}", names.join(", "));
    Err(Failure::new(Exit::Usage, message))
}

struct Tap<'a> {
    name: &'a str,
    sink: &'a Sink,
    plan: &'a Plan,
    journal: JournalId,
    reader: PreviewReader,
    preview: SinkPreview,
    forgotten: ForgetWatch,
    out: Stdout,
    heard: Reader,
}

impl<'a> Tap<'a> {
    fn new(
        settings: &Settings,
        plan: &'a Arc<Plan>,
        log: &dyn ShardLog,
        name: &'a str,
        sink: &'a Sink,
    ) -> Result<Self, Failure> {
        let preview = SinkPreview::new(plan, Some(log), &sink_streams::feed(sink, plan));
        Ok(Self {
            name,
            sink,
            plan,
            journal: log.id(),
            reader: PreviewReader::new(Arc::clone(plan), Some(log), settings.deduplicate.window),
            preview: preview.map_err(|fault| Failure::new(Exit::Configuration, fault))?,
            forgotten: ForgetWatch::new(Some(ForgetList::of(&settings.journal.directory)), None),
            out: Stdout::lock(),
            heard: Reader::Listening,
        })
    }

    /// Prints the sink's record of an event, if it gets one. Returns whether it does.
    fn print(&mut self, event: &PreviewedEvent) -> Result<bool, Failure> {
        if let Some(news) = self.forgotten.news().map_err(|error| Failure::new(Exit::Disk, error))? {
            self.forgotten.take_up(news);
            self.preview.forget(self.forgotten.listed());
        }
        let Some(previewed) = self.preview.record(event) else { return Ok(false) };
        let record_type = self.plan.records().get(previewed.record_type);
        let json = self.plan.datum_to_json(previewed.record_type, previewed.record.datum);
        let told = self.sink.own.explain(self.name, self.journal, previewed.stream, &previewed.record);
        let line = Line {
            event,
            topic: &previewed.stream.topic,
            key: previewed.record.key,
            headers: told.headers,
            dead_letter: previewed.record.dead_letter,
            record: Fields::new(record_type, json),
        };
        let line = serde_json::to_string(&line).map_err(|error| Failure::new(Exit::Bug, error))?;
        self.heard = self.out.line(line)?;
        Ok(true)
    }
}

/// One record, as a line of JSON.
struct Line<'a> {
    event: &'a PreviewedEvent,
    topic: &'a str,
    key: &'a str,
    headers: Vec<(String, String)>,
    dead_letter: Option<(&'a str, &'a str)>,
    record: Fields,
}

impl Serialize for Line<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let headers: serde_json::Map<_, _> =
            self.headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        let dead_letter =
            self.dead_letter.map(|(reason, message)| json!({ "reason": reason, "message": message }));
        let mut line = serializer.serialize_map(None)?;
        line.serialize_entry("position", &self.event.position())?;
        line.serialize_entry("received_at", &instant::shown(self.event.received_at()))?;
        line.serialize_entry("endpoint", self.event.endpoint())?;
        line.serialize_entry("topic", self.topic)?;
        line.serialize_entry("key", self.key)?;
        line.serialize_entry("headers", &headers)?;
        line.serialize_entry("dead_letter", &dead_letter)?;
        line.serialize_entry("record", &self.record)?;
        line.end()
    }
}
