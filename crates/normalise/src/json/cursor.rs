//! The lexemes of JSON (RFC 8259), read as strictly as `serde_json` reads them.

use std::borrow::Cow;

use crate::json::{pointer, span::Span};

/// The text is no JSON, or a `\u` escape in it is half of a surrogate pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotJson;

/// A string as it stands in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quoted {
    /// The text between the quotes.
    pub(crate) inner: Span,
    pub(crate) escaped: bool,
}

impl Quoted {
    /// The string's text.
    pub(crate) fn content(self, text: &str) -> Cow<'_, str> {
        let inner = self.inner.of(text);
        if self.escaped { pointer::decode(inner) } else { Cow::Borrowed(inner) }
    }
}

/// A place in a text. Each reader expects its lexeme right there, and leaves the place behind it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    pub(crate) at: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { bytes: text.as_bytes(), at: 0 }
    }

    /// The byte here; 0, which begins nothing, at the end.
    pub(crate) fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or_default()
    }

    pub(crate) fn step(&mut self) {
        self.at += 1;
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    pub(crate) fn skip_space(&mut self) {
        while matches!(self.peek(), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
    }

    /// Passes a string that stands here exactly so, quotes and all: what is between them.
    pub(crate) fn passes(&mut self, quoted: &str) -> Option<Span> {
        let is_here = self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(quoted.as_bytes()));
        let start = self.at + 1;
        is_here.then(|| {
            self.at += quoted.len();
            Span { start, end: self.at - 1 }
        })
    }

    /// Passes a colon and the space around it.
    pub(crate) fn colon(&mut self) -> Result<(), NotJson> {
        self.skip_space();
        if self.peek() != b':' {
            return Err(NotJson);
        }
        self.step();
        self.skip_space();
        Ok(())
    }

    /// Passes an opening bracket and the space behind it: whether the closing one follows, passed as well.
    pub(crate) fn is_empty(&mut self, close: u8) -> bool {
        self.step();
        self.skip_space();
        let is_empty = self.peek() == close;
        if is_empty {
            self.step();
        }
        is_empty
    }

    /// Passes what stands behind an element: a comma, or the closing bracket, of which it tells.
    pub(crate) fn is_over(&mut self, close: u8) -> Result<bool, NotJson> {
        self.skip_space();
        let here = self.peek();
        self.step();
        match here {
            b',' => {
                self.skip_space();
                Ok(false)
            }
            _ if here == close => Ok(true),
            _ => Err(NotJson),
        }
    }

    pub(crate) fn string(&mut self) -> Result<Quoted, NotJson> {
        if self.peek() != b'"' {
            return Err(NotJson);
        }
        self.step();
        let start = self.at;
        let mut escaped = false;
        loop {
            self.at += plain_length(self.bytes.get(self.at..).unwrap_or_default());
            match self.peek() {
                b'"' => break,
                b'\\' => {
                    self.escape()?;
                    escaped = true;
                }
                _ => return Err(NotJson),
            }
        }
        let inner = Span { start, end: self.at };
        self.step();
        Ok(Quoted { inner, escaped })
    }

    fn escape(&mut self) -> Result<(), NotJson> {
        self.step();
        let here = self.peek();
        self.step();
        match here {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(()),
            b'u' => match self.unit()? {
                0xd800..=0xdbff => {
                    let is_escape = self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(b"\\u"));
                    self.at += 2;
                    let is_paired = is_escape && matches!(self.unit()?, 0xdc00..=0xdfff);
                    if is_paired { Ok(()) } else { Err(NotJson) }
                }
                0xdc00..=0xdfff => Err(NotJson),
                _ => Ok(()),
            },
            _ => Err(NotJson),
        }
    }

    /// Passes four hexadecimal digits: the UTF-16 unit that they stand for.
    fn unit(&mut self) -> Result<u16, NotJson> {
        let digits = self.bytes.get(self.at..self.at + 4).ok_or(NotJson)?;
        self.at += 4;
        digits.iter().try_fold(0, |unit, byte| {
            let digit = char::from(*byte).to_digit(16).and_then(|digit| u16::try_from(digit).ok());
            digit.map(|digit| unit << 4 | digit).ok_or(NotJson)
        })
    }

    /// Passes `true`, `false` or `null`.
    pub(crate) fn word(&mut self, word: &str) -> Result<(), NotJson> {
        let is_here = self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(word.as_bytes()));
        self.at += word.len();
        if is_here { Ok(()) } else { Err(NotJson) }
    }

    pub(crate) fn number(&mut self) -> Result<(), NotJson> {
        if self.peek() == b'-' {
            self.step();
        }
        if self.peek() == b'0' {
            self.step();
        } else {
            self.digits()?;
        }
        if self.peek() == b'.' {
            self.step();
            self.digits()?;
        }
        if matches!(self.peek(), b'e' | b'E') {
            self.step();
            if matches!(self.peek(), b'+' | b'-') {
                self.step();
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), NotJson> {
        let start = self.at;
        while self.peek().is_ascii_digit() {
            self.step();
        }
        if self.at > start { Ok(()) } else { Err(NotJson) }
    }
}

/// Returns whether a text may stand between quotes as it is.
pub(crate) fn is_plain(text: &str) -> bool {
    plain_length(text.as_bytes()) == text.len()
}

/// Number of bytes before the first quote, backslash or control character; eight are looked at together.
fn plain_length(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 0xff;
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        // The top bit of each byte that is below a bound; borrows spoil none before the first that is.
        let below = |word: u64, bound: u64| word.wrapping_sub(ONES * bound) & !word;
        // With its second bit flipped, a quote is the first byte behind the control characters.
        let special = below(word ^ (ONES * 2), 0x21) | below(word ^ (ONES * u64::from(b'\\')), 1);
        let special = special & (ONES << 7);
        if special != 0 {
            return index * 8 + usize::try_from(special.trailing_zeros() / 8).unwrap_or_default();
        }
    }
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    bytes.len() - rest.len() + rest.iter().position(is_special).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::de::IgnoredAny;

    use super::*;

    #[test]
    fn every_byte_ends_a_plain_stretch_or_does_not_wherever_it_stands() {
        for byte in 0..=u8::MAX {
            for at in 0..24 {
                let mut bytes = [b'x'; 24];
                bytes[at] = byte;
                let is_special = byte < 0x20 || byte == b'"' || byte == b'\\';
                assert_eq!(plain_length(&bytes), if is_special { at } else { 24 }, "{byte} at {at}");
            }
        }
    }

    fn is_json(text: &str) -> bool {
        serde_json::from_str::<IgnoredAny>(text).is_ok()
    }

    proptest! {
        #[test]
        fn a_string_is_one_if_serde_json_says_so(inner in r#"([ -~é\x00-\x20]|\\["\\/bfnrtux]|\\u[0-9a-fA-F+]{2,4}){0,12}"#) {
            let text = format!("\"{inner}\"");
            let mut cursor = Cursor::new(&text);
            let is_whole = cursor.string().is_ok() && cursor.is_at_end();
            // A string that holds half of a surrogate pair is none here, and is repaired before.
            let want = is_json(&text) && serde_json::from_str::<String>(&text).is_ok();
            prop_assert_eq!(is_whole, want, "{}", text);
        }

        #[test]
        fn a_number_is_one_if_serde_json_says_so(text in "-?[0-9]{0,3}(\\.[0-9]{0,2})?([eE][-+]?[0-9]{0,3})?") {
            let mut cursor = Cursor::new(&text);
            let is_whole = cursor.number().is_ok() && cursor.is_at_end();
            prop_assert_eq!(is_whole, is_json(&text), "{}", text);
        }
    }

    #[test]
    fn a_pair_of_surrogates_is_one_character_and_half_a_pair_none() {
        for (text, want) in [
            (r#""\ud83d\ude00""#, true),
            (r#""\ud83d\u0041""#, false),
            (r#""\ud83dxxude00""#, false),
            (r#""\ud83d""#, false),
            (r#""\ude00\ud83d""#, false),
        ] {
            assert_eq!(Cursor::new(text).string().is_ok(), want, "{text}");
        }
    }
}
