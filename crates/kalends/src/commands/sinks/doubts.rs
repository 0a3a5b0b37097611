//! `kalends sinks doubts`: events that may stand twice at their destination.

use kalends_settings::{Settings, Sink};
use kalends_sink::{Context, Doubt, SharedMetrics};
use serde_json::json;

use super::{known, state_directory};
use crate::{
    cli::DoubtsArgs,
    output::{
        exit::Failure,
        instant,
        stderr::say,
        stdout::{Reader, Stdout, printable},
    },
};

/// Prints the doubts of one sink, or of all.
pub(super) fn doubts(settings: &Settings, args: &DoubtsArgs) -> Result<(), Failure> {
    if let Some(sink) = &args.sink {
        known(settings, sink)?;
    }
    let mut out = Stdout::lock();
    let mut count = 0_usize;
    for (name, sink) in &settings.sinks {
        if args.sink.as_ref().is_some_and(|wanted| wanted != name) {
            continue;
        }
        let Some(doubts) = noted(settings, name, sink)? else {
            if args.sink.is_some() {
                let (kind, guarantee) = (sink.own.kind(), sink.own.guarantee().as_str());
                say(format_args!("{name} lists no doubts: it is of kind {kind}, which delivers {guarantee}"));
                return Ok(());
            }
            continue;
        };
        count = count.saturating_add(doubts.len());
        for doubt in doubts {
            if out.line(printable(&line(name, &doubt, args.json)))? == Reader::Gone {
                return Ok(());
            }
        }
    }
    if count == 0 {
        say("no event is known that may stand twice");
    }
    Ok(())
}

/// The doubts that a sink has noted; `None` where its kind has none.
fn noted(settings: &Settings, name: &str, sink: &Sink) -> Result<Option<Vec<Doubt>>, Failure> {
    let notes = state_directory(settings);
    let metrics = SharedMetrics::default();
    let context = Context { notes: Some(&notes), ..Context::new(name, &metrics) };
    sink.own.doubts(&context).transpose().map_err(|error| Failure::file(&notes, &error))
}

fn line(sink: &str, doubt: &Doubt, as_json: bool) -> String {
    let Doubt { at, cause, id, position, record } = doubt;
    let at = instant::shown(*at);
    if as_json {
        return json!({
            "sink": sink, "at": at, "cause": cause, "id": id, "position": position, "record": record,
        })
        .to_string();
    }
    let at = at.as_str().map_or_else(|| at.to_string(), str::to_owned);
    format!("{at}  {sink}  position {position}  {record}  {id}  {cause}")
}
