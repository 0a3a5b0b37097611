//! The meaning of an answer.

mod failed;
mod retry_after;
mod words;

use std::time::Duration;

use kalends_outgoing::{Reach, Reply};
use serde_json::Value;

use crate::{preset::Answers, round::Request};

pub(crate) use retry_after::{exhausted, pause};
pub(crate) use words::Words;

/// The meaning of an answer for a request's events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Taken, but for the objects that are named: each with its event and what is wrong.
    Taken(Vec<(u64, Named)>),
    /// The destination wants fewer requests.
    Pace(Option<Duration>),
    /// The request may work later by itself. `is_doubt`: the events may have been taken all the same.
    Retry { message: String, is_doubt: bool },
    /// Two changes of one thing met: it may work at once.
    Conflict(String),
    /// An operator has to act. `is_doubt`: the events may have been taken all the same.
    Hold { message: String, is_doubt: bool },
    /// The request is refused for what one of its events is.
    Refused { status: u16, message: String },
}

/// The fate of an object that an answer names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Named {
    /// The object is refused for what it is.
    Refused(String),
    /// The object may be taken later.
    Retry(String),
}

/// The meaning of a request that has no answer.
pub(crate) fn no_answer(place: &str, error: &kalends_outgoing::Error) -> Meaning {
    match error.reach() {
        Reach::Never => {
            Meaning::Retry { message: format!("{place} can't be reached: {error}"), is_doubt: false }
        }
        Reach::Maybe => {
            Meaning::Retry { message: format!("{place} has not answered: {error}"), is_doubt: true }
        }
        Reach::Untrusted => Meaning::Hold {
            message: format!(
                "the certificate of {place} is not trusted: {error}; name the authority that has signed it under tls.ca, or have it \
                 renewed"
            ),
            is_doubt: false,
        },
        Reach::LinkLocal => Meaning::Hold {
            message: format!("{place} is a link-local address, to which nothing is sent; write another url"),
            is_doubt: false,
        },
    }
}

/// The meaning of an answer.
/// `hidden` are texts that no message may repeat.
pub(crate) fn meaning(
    place: &str,
    answers: &Answers,
    request: &Request,
    hidden: &[String],
    reply: &Reply,
    now: i64,
) -> Meaning {
    let json: Option<Value> = serde_json::from_slice(&reply.body).ok().filter(|_| reply.is_whole);
    let words = || Words::of(&answers.words, json.as_ref(), request, hidden);
    let status = reply.status;
    let told = |what: &str| format!("{place} {what} ({status}){}", words());
    let hold = |message: String| Meaning::Hold { message, is_doubt: false };
    match status {
        200..=299 => failed::taken(place, answers, request, hidden, json.as_ref(), reply),
        300..=399 => {
            hold(told("redirects, which is not followed: write the address that it leads to as url"))
        }
        400 | 422 => Meaning::Refused { status, message: told("refuses the request") },
        413 => Meaning::Refused { status, message: told("finds the request too large") },
        409 => Meaning::Conflict(told("finds a conflict")),
        401 => {
            hold(told("does not take the token: make another there, and have it stand where `token` points"))
        }
        402 => hold(told("wants to be paid")),
        403 if json.is_none() => hold(told(
            "does not let the request in; the answer is no JSON, so that it seems to be a gateway's: ask whoever runs it to let \
             this machine's address through",
        )),
        403 => hold(told("does not allow it: give the token the right to do this there")),
        404 | 405 => hold(told("has nothing that takes this request: check url")),
        407 => hold(told("wants a proxy's credentials, and no proxy is spoken to")),
        410 => hold(told("is gone and wants no more: end it there, or write another url")),
        408 | 425 => Meaning::Retry { message: told("wants the request again"), is_doubt: status == 408 },
        429 => Meaning::Pace(pause(reply, now)),
        501 => hold(told("does not know this request: check url")),
        503 if reply.header("retry-after").is_some() => Meaning::Pace(pause(reply, now)),
        500..=599 => Meaning::Retry { message: told("has failed"), is_doubt: true },
        _ => hold(told("answers what is not known here")),
    }
}
