//! Texts within a text that can hold anything, and in bytes that nobody could read.

use percent_encoding::percent_decode_str;
use serde_json::Value;

/// Texts that one place may hold before it is taken to hold everybody: a bound on the work that a body can make.
const MAX_TEXTS: usize = 2000;

/// A text that is searched.
#[derive(Debug, Clone, Copy)]
pub(super) enum Text<'a> {
    Readable(&'a str),
    /// A text in which nothing can be found.
    Unreadable,
}

impl<'a> Text<'a> {
    pub(super) fn of_body(body: &'a [u8]) -> Self {
        str::from_utf8(body).map_or(Self::Unreadable, Self::Readable)
    }
}

/// Tells whether `is_meant` holds for a text that stands somewhere in `text`. True as well where that can't be found out.
pub(super) fn any(text: Text<'_>, is_meant: impl Fn(&str) -> bool) -> bool {
    let Text::Readable(text) = text else { return true };
    let mut search = Search { is_meant, left: MAX_TEXTS };
    match serde_json::from_str::<Value>(text) {
        Ok(value) => search.value(&value),
        // An escape hides what is written with it.
        Err(_) => {
            text.contains("\\u")
                || search.raw(text)
                || search.raw(&percent_decode_str(text).decode_utf8_lossy())
        }
    }
}

struct Search<F> {
    is_meant: F,
    left: usize,
}

impl<F: Fn(&str) -> bool> Search<F> {
    fn value(&mut self, value: &Value) -> bool {
        match value {
            Value::Null | Value::Bool(_) => false,
            Value::Number(number) => self.text(&number.to_string()),
            Value::String(text) => self.text(text) || self.words(text),
            Value::Array(items) => items.iter().any(|item| self.value(item)),
            Value::Object(fields) => fields.iter().any(|(name, value)| self.text(name) || self.value(value)),
        }
    }

    /// Text between quotes, and words.
    fn raw(&mut self, text: &str) -> bool {
        text.split(['"', '\'']).any(|part| self.text(part)) || self.words(text)
    }

    /// Words as they stand in a sentence or in a query.
    fn words(&mut self, text: &str) -> bool {
        let ends = |letter: char| letter.is_whitespace() || "\"'`<>()[]{},;:=&?|\\/".contains(letter);
        text.split(ends).map(|word| word.trim_matches('.')).any(|word| self.text(word))
    }

    fn text(&mut self, text: &str) -> bool {
        if text.is_empty() {
            return false;
        }
        let Some(left) = self.left.checked_sub(1) else { return true };
        self.left = left;
        (self.is_meant)(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(body: &[u8]) -> bool {
        any(Text::of_body(body), |text| text.eq_ignore_ascii_case("a.person@example.org"))
    }

    #[test]
    fn somebody_is_found_in_json_in_a_sentence_in_a_query_and_in_what_is_no_json() {
        for body in [
            r#"{"a":["x",{"b":"A.Person@example.org"}]}"#,
            r#"{"a":"write to a.person@example.org."}"#,
            r#"{"a":"a.person\u0040example.org"}"#,
            r#"{"a":"mailto:a.person@example.org?subject=x"}"#,
            r#"{"a.person@example.org":1}"#,
            "{ a.person@example.org ",
            "email=a.person%40example.org&x=1",
            "{ \"a\": \"a.person@example.org\", ",
        ] {
            assert!(finds(body.as_bytes()), "{body}");
        }
    }

    #[test]
    fn others_are_not_found() {
        for body in [r#"{"a":"b.person@example.org"}"#, "{ no event", "email=xa.person%40example.org", "{}"] {
            assert!(!finds(body.as_bytes()), "{body}");
        }
    }

    #[test]
    fn what_can_not_be_searched_counts_as_found() {
        assert!(finds(b"\xff\xfea"));
        assert!(finds(br#"{ "a": "\u0061.person" "#));
        let many = format!("[{}1]", "1,".repeat(MAX_TEXTS));
        assert!(finds(many.as_bytes()));
    }
}
