//! The statements of an answer of success about single objects.

use std::collections::BTreeMap;

use kalends_outgoing::Reply;
use serde_json::Value;

use super::{Meaning, Named, Words};
use crate::{
    preset::{Answers, Failed},
    round::Request,
};

/// The meaning of a 2xx.
pub(super) fn taken(
    place: &str,
    answers: &Answers,
    request: &Request,
    hidden: &[String],
    json: Option<&Value>,
    reply: &Reply,
) -> Meaning {
    let accounts = !answers.processed.is_empty();
    if accounts && !reply.is_whole {
        let message = format!("the answer of {place} broke off, or was too long ({})", reply.status);
        return Meaning::Retry { message, is_doubt: true };
    }
    let (named, counts) = match (&answers.failed, json) {
        (Some(failed), Some(json)) => named(failed, json, request, hidden),
        _ => (Vec::new(), BTreeMap::new()),
    };
    for (list, pointer) in &answers.processed {
        let sent = u64::try_from(request.lists.get(list).map_or(0, Vec::len)).unwrap_or(u64::MAX);
        let processed =
            json.and_then(|json| json.pointer(pointer)).and_then(Value::as_u64).unwrap_or_default();
        let failed = counts.get(list.as_str()).copied().unwrap_or_default();
        if processed.saturating_add(failed) < sent {
            return Meaning::Hold {
                message: format!(
                    "the answer of {place} ({}) accounts for {} of {sent} {list}: it may not be the API that was meant; check url and \
                     the destination's own log",
                    reply.status,
                    processed.saturating_add(failed)
                ),
                is_doubt: true,
            };
        }
    }
    Meaning::Taken(named)
}

type NamedEvents = Vec<(u64, Named)>;

/// The events of the objects that are named, and how many objects of each list are.
fn named<'a>(
    failed: &Failed,
    json: &Value,
    request: &'a Request,
    hidden: &[String],
) -> (NamedEvents, BTreeMap<&'a str, u64>) {
    let (mut named, mut counts) = (Vec::new(), BTreeMap::new());
    let only = request.lists.keys().next().map(String::as_str).unwrap_or_default();
    for entry in json.pointer(&failed.list).and_then(Value::as_array).into_iter().flatten() {
        let list = match &failed.array {
            Some(pointer) => entry.pointer(pointer).and_then(Value::as_str).unwrap_or_default(),
            None => only,
        };
        let index =
            entry.pointer(&failed.index).and_then(Value::as_u64).and_then(|i| usize::try_from(i).ok());
        let Some((list, positions)) = request.lists.get_key_value(list) else { continue };
        let Some(position) = index.and_then(|index| positions.get(index)) else { continue };
        *counts.entry(list.as_str()).or_default() += 1;
        let words = Words::of(&failed.words, Some(entry), request, hidden);
        let status =
            failed.status.as_ref().and_then(|pointer| entry.pointer(pointer)).and_then(Value::as_u64);
        let what = match status {
            Some(status @ (408 | 425 | 429 | 500..=599)) => {
                Named::Retry(format!("the destination could not take an event ({status}){words}"))
            }
            Some(status) => Named::Refused(format!("the destination refuses the event ({status}){words}")),
            None => Named::Refused(format!("the destination refuses the event{words}")),
        };
        if !named.iter().any(|(known, _)| known == position) {
            named.push((*position, what));
        }
    }
    (named, counts)
}
