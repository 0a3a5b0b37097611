use std::path::Path;

use base64::{Engine, engine::general_purpose::STANDARD};
use kalends_journal::Frame;
use kalends_journal_local::inspect;
use kalends_receipt::Receipt;
use serde_json::{Value, json};

use super::unopened;
use crate::{
    cli::JournalCatArgs,
    output::{
        exit::{Exit, Failure},
        instant,
        stdout::{Reader, Stdout},
    },
};

/// Prints receipts, one JSON object a line; or bodies as they came.
pub(super) fn cat(directory: &Path, args: &JournalCatArgs) -> Result<(), Failure> {
    let inspection = inspect(directory).map_err(|error| unopened(&error))?;
    let log = inspection.log();
    let from = args.at.or(args.from).unwrap_or_else(|| log.first_kept()).max(1);
    let to = args.at.or(args.to).unwrap_or(u64::MAX);
    let mut left = args.count.unwrap_or(u64::MAX);
    let (mut out, mut reader, mut found) = (Stdout::lock(), log.read_after(from - 1), false);
    while left > 0 {
        let frame = reader.next().map_err(|error| Failure::new(Exit::Disk, error))?;
        let Some(frame) = frame.filter(|frame| frame.position <= to) else { break };
        found = true;
        left -= 1;
        if print(&frame, args.body, &mut out)? == Reader::Gone {
            return Ok(());
        }
    }
    match args.at.filter(|_| !found) {
        None => Ok(()),
        Some(at) => Err(super::no_receipt(log, at)),
    }
}

fn print(frame: &Frame<'_>, only_body: bool, out: &mut Stdout) -> Result<Reader, Failure> {
    let receipt = Receipt::decode(frame.payload)
        .map_err(|error| Failure::new(Exit::Data, format!("position {}: {error}", frame.position)))?;
    if only_body { out.bytes(receipt.body) } else { out.line(line(frame, &receipt)) }
}

fn line(frame: &Frame<'_>, receipt: &Receipt<'_>) -> Value {
    let envelope = receipt.envelope;
    let body = str::from_utf8(receipt.body)
        .map_or_else(|_| json!({ "base64": STANDARD.encode(receipt.body) }), |text| json!(text));
    json!({
        "position": frame.position,
        "time": instant::shown(frame.time),
        "endpoint": envelope.endpoint,
        "received_at": instant::shown(envelope.received_at),
        "traceparent": envelope.traceparent,
        "tracestate": envelope.tracestate,
        "body": body,
    })
}
