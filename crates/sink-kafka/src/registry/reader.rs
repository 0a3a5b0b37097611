use std::ops::RangeInclusive;

use serde::Deserialize;

/// Codes for a subject, version or schema that isn't there.
pub(super) const NO_SUBJECT: RangeInclusive<u32> = 40401..=40403;

/// Most characters of a registry's message that are shown.
const LONGEST: usize = 600;

/// Form of an error in the API.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Fault {
    #[serde(rename = "error_code")]
    pub(super) code: Option<u32>,
    message: Option<String>,
}

impl Fault {
    /// The error in a body; empty when the body is none.
    pub(super) fn read(body: &[u8]) -> Self {
        object(body).unwrap_or_default()
    }

    /// Returns whether it is about no schema in particular: the registry takes none. Only words say so, codes and
    /// status differ.
    pub(super) fn is_read_only(&self) -> bool {
        self.message.as_ref().is_some_and(|message| message.contains("read-only mode"))
    }

    /// Code and message behind a colon; nothing when there are none.
    pub(super) fn said(&self) -> String {
        match (self.code, &self.message) {
            (Some(code), Some(message)) => format!(": {} (code {code})", said(message)),
            (None, Some(message)) => format!(": {}", said(message)),
            (Some(code), None) => format!(": code {code}"),
            (None, None) => String::new(),
        }
    }
}

/// Content of a JSON object; `None` when it is none, or lacks a field. An array would pass for a struct, by the order
/// of its fields.
pub(super) fn object<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Option<T> {
    let is_object = body.trim_ascii_start().starts_with(b"{");
    serde_json::from_slice(body).ok().filter(|_| is_object)
}

/// A message from outside, fit for one line of a log.
pub(super) fn said(message: &str) -> String {
    let line = message.split(|c: char| c.is_control() || c == ' ').filter(|word| !word.is_empty());
    let line = line.collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_registry_says_becomes_one_line_of_bounded_length() {
        let long = "é".repeat(2000);
        assert_eq!(said(&long).chars().count(), LONGEST + 1);
        assert_eq!(said("a\r\nb\u{1b}[31m  c"), "a b [31m c");
        let fault = Fault::read(br#"{"error_code":42205,"message":"read-only"}"#);
        assert_eq!(fault.said(), ": read-only (code 42205)");
        assert_eq!(Fault::read(b"<html>").said(), "");
    }
}
