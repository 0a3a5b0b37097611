//! A destination's own words, without what they may repeat of what was sent.

use std::{collections::BTreeSet, fmt};

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::round::Request;

/// Longest words that are told, in characters.
const LONGEST: usize = 200;

/// Shortest value that is looked for in a destination's words.
const SHORTEST: usize = 3;

/// Shortest part of a sent value that is looked for by itself.
const SHORTEST_PART: usize = 5;

/// Words as the end of a message; nothing when there are none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Words(Option<String>);

impl Words {
    /// The text at the first of `pointers` that has one, without what was sent and without the parts of `hidden`.
    pub(crate) fn of(
        pointers: &[String],
        json: Option<&Value>,
        request: &Request,
        hidden: &[String],
    ) -> Self {
        let said = pointers.iter().find_map(|pointer| json?.pointer(pointer)?.as_str());
        let Some(said) = said else { return Self(None) };
        // Cut once more after the values are out, so that no value is cut in two before it is looked for.
        let mut said: String = said.chars().take(LONGEST * 20).collect();
        let mut secrets: BTreeSet<String> = hidden.iter().flat_map(|text| parts(text)).collect();
        if let Ok(sent) = serde_json::from_slice::<Value>(&request.body) {
            hide(&sent, &mut said, &mut secrets);
        }
        let plain = said.chars().map(|c| if c.is_control() { ' ' } else { c });
        let told: String = plain.collect();
        let told: Vec<&str> =
            told.split_whitespace().map(|word| if repeats(word, &secrets) { "…" } else { word }).collect();
        let told: String = told.join(" ").chars().take(LONGEST).collect();
        Self((!told.is_empty()).then_some(told))
    }
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().map_or(Ok(()), |words| write!(f, ": {words}"))
    }
}

/// Takes every value that was sent out of what was said, and collects its parts.
fn hide(sent: &Value, said: &mut String, secrets: &mut BTreeSet<String>) {
    match sent {
        Value::String(text) => {
            if text.len() >= SHORTEST && said.contains(text.as_str()) {
                *said = said.replace(text.as_str(), "…");
            }
            secrets.extend(parts(text));
        }
        Value::Number(number) => secrets.extend(parts(&number.to_string())),
        Value::Array(items) => items.iter().for_each(|item| hide(item, said, secrets)),
        Value::Object(entries) => entries.values().for_each(|value| hide(value, said, secrets)),
        _ => {}
    }
}

/// A text as a destination may spell it, whole and in its longer parts.
fn parts(text: &str) -> impl Iterator<Item = String> {
    let plain = spelled(text);
    let pieces = plain.split(|c: char| !c.is_alphanumeric()).filter(|piece| piece.len() >= SHORTEST_PART);
    let pieces: Vec<String> = pieces.map(str::to_owned).collect();
    pieces.into_iter().chain(Some(plain).filter(|plain| plain.len() >= SHORTEST))
}

/// The one spelling in which texts are compared: lower case, and without percent signs.
fn spelled(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().to_lowercase()
}

/// Tells whether a word looks like an e-mail address, or repeats a secret.
fn repeats(word: &str, secrets: &BTreeSet<String>) -> bool {
    let word = spelled(word);
    word.contains('@') || secrets.iter().any(|secret| word.contains(secret.as_str()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn words_are_told_without_what_was_sent() {
        let body = json!({ "who": "ann@example.org", "city": ["Springfield"] });
        let request = Request { body: body.to_string().into_bytes(), ..Request::default() };
        let said = json!({ "message": "bad \u{7} value Springfield of ann@example.org or Bob@example.org" });
        let told = Words::of(&["/error".into(), "/message".into()], Some(&said), &request, &[]).to_string();
        assert_eq!(told, ": bad value … of … or …");
        assert_eq!(Words::of(&["/x".into()], Some(&said), &request, &[]).to_string(), "");
        assert_eq!(Words::of(&["/message".into()], None, &request, &[]).to_string(), "");
    }

    #[test]
    fn words_repeat_no_secret_in_any_spelling() {
        let body = json!({ "who": "q1@example.org", "id": "ext-q1", "number": 4_711_000 });
        let request = Request { body: body.to_string().into_bytes(), ..Request::default() };
        let hidden = ["TOKENSECRET0123".to_owned(), "SECRETPATH/track?q=SECRETQ".to_owned()];
        let said = json!({ "message": "Invalid key: Bearer TOKENSECRET0123 at /secretpath/users q=SECRETQ of Q1%40example.org, \
                                        q1 at example.org, EXT-Q1 4711000" });
        let told = Words::of(&["/message".into()], Some(&said), &request, &hidden).to_string();
        assert_eq!(told, ": Invalid key: Bearer … at … … of … q1 at … … …");
    }
}
