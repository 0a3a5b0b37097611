//! From bytes to text that is JSON: strict first, then what the sender is known to get wrong.
//!
//! Every repair keeps the text's length, so that places in it stay places in the body.

use std::borrow::Cow;

use memchr::memchr_iter;
use serde::de::IgnoredAny;

use crate::{
    dead_letter::{DeadLetter, Reason},
    quirk::Quirk,
};

/// A body that is JSON, and what had to be done for that.
pub(crate) struct Repaired<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) quirks: Vec<Quirk>,
}

/// Reads a body as JSON of any depth. Half a surrogate pair is JSON by its grammar, and so is a number of any size.
pub(crate) fn repair(body: &[u8]) -> Result<Repaired<'_>, DeadLetter> {
    let mut quirks = Vec::new();
    let text = str::from_utf8(body).map_err(|error| {
        DeadLetter::new(
            Reason::InvalidJson,
            format!("the body is not UTF-8: the byte at offset {} is wrong", error.valid_up_to()),
        )
    })?;
    let text = match text.strip_prefix('\u{feff}') {
        Some(rest) => {
            quirks.push(Quirk::ByteOrderMark);
            rest
        }
        None => text,
    };
    let mut text = Cow::Borrowed(text);
    if is_json(&text).is_err() {
        let without = without_trailing_commas(&text);
        is_json(&without).map_err(|error| {
            DeadLetter::new(Reason::InvalidJson, format!("the body is not JSON: {error}"))
        })?;
        quirks.push(Quirk::TrailingComma);
        text = Cow::Owned(without);
    }
    if let Some(whole) = without_lone_surrogates(&text) {
        quirks.push(Quirk::LoneSurrogate);
        text = Cow::Owned(whole);
    }
    Ok(Repaired { text, quirks })
}

fn is_json(text: &str) -> serde_json::Result<()> {
    serde_json::from_str(text).map(|IgnoredAny| ())
}

/// The text with a space for each comma that stands behind a value and before `}` or `]`.
fn without_trailing_commas(text: &str) -> String {
    let mut out = text.as_bytes().to_vec();
    let (mut in_string, mut escaped) = (false, false);
    let mut before = 0_u8;
    let mut comma = None;
    for (at, &byte) in text.as_bytes().iter().enumerate() {
        if in_string {
            (in_string, escaped) = (escaped || byte != b'"', !escaped && byte == b'\\');
            continue;
        }
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => continue,
            b'"' => in_string = true,
            b'}' | b']' => {
                if let Some(place) = comma.and_then(|at| out.get_mut::<usize>(at)) {
                    *place = b' ';
                }
            }
            _ => {}
        }
        comma = (byte == b',' && !matches!(before, 0 | b'{' | b'[' | b',' | b':')).then_some(at);
        before = byte;
    }
    String::from_utf8(out).unwrap_or_default()
}

/// The text with U+FFFD for each escape that is half of a surrogate pair; `None` when there is none.
fn without_lone_surrogates(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut lone = Vec::new();
    let mut next = 0;
    for at in memchr_iter(b'\\', bytes) {
        if at < next {
            continue;
        }
        let Some(unit) = escaped_unit(bytes, at) else {
            next = at + 2;
            continue;
        };
        let paired = matches!(unit, 0xd800..=0xdbff)
            && escaped_unit(bytes, at + 6).is_some_and(|low| matches!(low, 0xdc00..=0xdfff));
        if !paired && matches!(unit, 0xd800..=0xdfff) {
            lone.push(at);
        }
        next = at + if paired { 12 } else { 6 };
    }
    if lone.is_empty() {
        return None;
    }
    let mut out = bytes.to_vec();
    for at in lone {
        if let Some(place) = out.get_mut(at + 2..at + 6) {
            place.copy_from_slice(b"fffd");
        }
    }
    String::from_utf8(out).ok()
}

/// The UTF-16 unit that an escape `\uXXXX` stands for.
fn escaped_unit(bytes: &[u8], at: usize) -> Option<u16> {
    let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
    u16::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()
}
