use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use kalends_journal_local::inspect;
use kalends_receipt::Receipt;
use kalends_settings::{Settings, Size, schema_catalogue::Catalogue};
use serde_json::{Map, Value, json};

use super::{letter::Letter, noted::Noted};
use crate::{
    cli::LetterArgs,
    commands::{
        explain::{Account, Explainer},
        journal::no_receipt,
    },
    output::{
        exit::{Exit, Failure},
        pasteable::pasteable,
        stderr::say,
        stdout::{Reader, Stdout, printable},
    },
};

/// Prints why a webhook is a dead letter, and its message's topic, key and headers.
pub(super) fn show(settings: &Settings, args: &LetterArgs) -> Result<(), Failure> {
    let schemas = Catalogue::read(settings.schemas.directory.as_deref(), settings.timestamps.into())
        .map_err(|faults| Failure::new(Exit::Configuration, faults))?;
    let noted = Noted::read(settings, None)?;
    let inspection = inspect(&settings.journal.directory).map_err(|error| Failure::journal(&error))?;
    let log = inspection.log();
    let (at, missing) = (args.position, || no_receipt(log, args.position));
    if at < log.first_kept().max(1) {
        return Err(missing());
    }
    let mut frames = log.read_after(at - 1);
    let frame = frames.next().map_err(|error| Failure::new(Exit::Disk, error))?;
    let frame = frame.filter(|frame| frame.position == at).ok_or_else(missing)?;
    let receipt = Receipt::decode(frame.payload)
        .map_err(|error| Failure::new(Exit::Data, format!("position {at}: {error}")))?;
    let envelope = receipt.envelope;
    let plan = Arc::new(schemas.plan);
    let account = Explainer::new(settings, &plan, Some(log), None)?.account(&frame)?;
    let letter = Letter {
        position: at,
        received_at: envelope.received_at,
        endpoint: envelope.endpoint,
        body_bytes: u64::try_from(receipt.body.len()).unwrap_or(u64::MAX),
        unreadable: account.dead_letter.as_ref().map(|(reason, message)| (*reason, message.as_str())),
        sinks: noted.at(at),
    };
    if letter.unreadable.is_none() && letter.sinks.is_empty() {
        let what = &account.record_type;
        let message = format!(
            "position {at} is no dead letter but a {what} event; `kalends journal cat --at {at}` prints it"
        );
        return Err(Failure::new(Exit::Data, message));
    }
    let body = args.body.then_some(receipt.body).filter(|_| !account.is_forgotten);
    let mut out = Stdout::lock();
    if args.json {
        return out.line(object(&letter, &account, body)).map(drop);
    }
    for line in lines(&letter, &account) {
        if out.line(pasteable(&printable(&line)))? == Reader::Gone {
            return Ok(());
        }
    }
    let Some(body) = body else {
        if args.body {
            say("the body is, or may be, of somebody on the list of forgotten people, and is not shown");
        }
        return Ok(());
    };
    if out.line("")? == Reader::Gone {
        return Ok(());
    }
    out.bytes(body).map(drop)
}

fn lines(letter: &Letter<'_>, account: &Account) -> Vec<String> {
    let known = letter.json();
    let mut lines = vec![match letter.unreadable {
        Some((reason, message)) => format!("dead letter  {reason}: {message}"),
        None => format!("dead letter  {}", letter.reason().unwrap_or("for a reason that was not noted")),
    }];
    let plain = |key: &str| {
        known.get(key).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    };
    for (name, key) in [("position", "position"), ("received", "received_at"), ("endpoint", "endpoint")] {
        lines.push(format!("{name:<11}  {}", plain(key).unwrap_or_default()));
    }
    lines.push(format!("size         {}", Size::told(letter.body_bytes)));
    lines.extend(letter.sinks.iter().map(|(sink, reason)| {
        let reason = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
        format!("sink         {sink} was given it{reason}")
    }));
    if letter.unreadable.is_none() {
        let (sink, what) = (letter.sinks.keys().next().copied().unwrap_or_default(), &account.record_type);
        lines.push(format!("now          a {what} event: `kalends replay --sink {sink} --dead-letters` delivers it where it fits"));
    }
    lines.extend(account.topics().iter().map(|(sink, topic)| format!("topic        {topic} (sink {sink})")));
    lines.push(format!("key          {}", account.key()));
    lines.extend(account.header_lines());
    lines
}

fn object(letter: &Letter<'_>, account: &Account, body: Option<&[u8]>) -> Value {
    let mut object = letter.json();
    let headers: Map<_, _> =
        account.headers().iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let text = |body: &[u8]| {
        str::from_utf8(body).map_or_else(|_| json!({ "base64": STANDARD.encode(body) }), |text| json!(text))
    };
    if let Some(object) = object.as_object_mut() {
        object.insert("topics".to_owned(), json!(account.topics()));
        object.insert("key".to_owned(), json!(account.key()));
        object.insert("headers".to_owned(), headers.into());
        object.extend(body.map(|body| ("body".to_owned(), text(body))));
    }
    object
}
