use std::sync::Arc;

use kalends_delivery::position_before_received;
use kalends_journal::{Frame, ShardLog};
use kalends_journal_local::inspect;
use kalends_normalise::{DeadLetter, Meta, Normaliser, Outcome};
use kalends_receipt::Receipt;
use kalends_settings::{Settings, schema_catalogue::Catalogue};

use super::{letter::Letter, noted::Noted};
use crate::{
    cli::LettersArgs,
    output::{
        exit::{Exit, Failure},
        progress::Bar,
        stderr::say,
        stdout::{Reader, Stdout},
    },
};

/// Prints every dead letter in the journal, in its order.
pub(super) fn list(settings: &Settings, args: &LettersArgs) -> Result<(), Failure> {
    let schemas = Catalogue::read(settings.schemas.directory.as_deref(), settings.timestamps.into())
        .map_err(|faults| Failure::new(Exit::Configuration, faults))?;
    let noted = Noted::read(settings, args.sink.as_deref())?;
    let inspection = inspect(&settings.journal.directory).map_err(|error| Failure::journal(&error))?;
    let log = inspection.log();
    let (first, last) = ends(log, args, &noted)?;
    let mut search = Search { normaliser: Normaliser::new(Arc::new(schemas.plan)), noted, args, found: 0 };
    let (bar, mut out) = (Bar::of((last + 1).saturating_sub(first), "webhooks"), Stdout::lock());
    let mut frames = log.read_after(first - 1);
    while let Some(frame) = frames.next().map_err(|error| Failure::new(Exit::Disk, error))? {
        if frame.position > last || search.look(&frame, &bar, &mut out)? == Reader::Gone {
            break;
        }
        bar.at(frame.position.saturating_sub(first));
    }
    drop(bar);
    if search.found == 0 {
        say(format_args!(
            "no dead letters (the journal has positions {} to {})",
            log.first_kept(),
            log.synced().position
        ));
    }
    Ok(())
}

/// The first and the last position to look at.
fn ends(log: &dyn ShardLog, args: &LettersArgs, noted: &Noted) -> Result<(u64, u64), Failure> {
    let mut first = log.first_kept();
    let mut last = log.synced().position;
    if let Some(from) = args.from {
        let before = position_before_received(log, from).map_err(|error| Failure::new(Exit::Disk, error))?;
        first = first.max(before + 1);
    }
    if args.sink.is_some() {
        let (lowest, highest) = noted.ends().unwrap_or((u64::MAX, 0));
        first = first.max(lowest);
        last = last.min(highest);
    }
    Ok((first.max(1), last))
}

struct Search<'a> {
    normaliser: Normaliser,
    noted: Noted,
    args: &'a LettersArgs,
    found: u64,
}

impl Search<'_> {
    fn look(&mut self, frame: &Frame<'_>, bar: &Bar, out: &mut Stdout) -> Result<Reader, Failure> {
        let sinks = self.noted.at(frame.position);
        if self.args.sink.is_some() && sinks.is_empty() {
            return Ok(Reader::Listening);
        }
        let receipt = Receipt::decode(frame.payload)
            .map_err(|error| Failure::new(Exit::Data, format!("position {}: {error}", frame.position)))?;
        let (endpoint, received_at) = (receipt.envelope.endpoint, receipt.envelope.received_at);
        let times = self.args.from.unwrap_or(i64::MIN)..self.args.to.unwrap_or(i64::MAX);
        if !times.contains(&received_at) {
            return Ok(Reader::Listening);
        }
        let found = unreadable(&mut self.normaliser, frame.position, &receipt);
        if found.is_none() && sinks.is_empty() {
            return Ok(Reader::Listening);
        }
        let letter = Letter {
            position: frame.position,
            received_at,
            endpoint,
            body_bytes: u64::try_from(receipt.body.len()).unwrap_or(u64::MAX),
            unreadable: found.as_ref().map(|letter| (letter.reason.as_str(), letter.message.as_str())),
            sinks,
        };
        self.found += 1;
        let is_first = self.found == 1 && !self.args.json;
        bar.aside(|| {
            if is_first && out.line(Letter::heads())? == Reader::Gone {
                return Ok(Reader::Gone);
            }
            if self.args.json { out.line(letter.json()) } else { out.line(letter.row()) }
        })
    }
}

/// Why a body is no event, if it isn't.
fn unreadable(normaliser: &mut Normaliser, position: u64, receipt: &Receipt<'_>) -> Option<DeadLetter> {
    let envelope = receipt.envelope;
    let (endpoint, received_at) = (envelope.endpoint, envelope.received_at);
    match normaliser
        .normalise(receipt.body, &Meta { endpoint, received_at, journal_id: "", shard: 0, position })
    {
        Outcome::Event(_) => None,
        Outcome::DeadLetter(letter) => Some(letter),
    }
}
