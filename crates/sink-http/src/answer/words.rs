//! A destination's own words, without what they may repeat of what was sent.

use std::{borrow::Cow, fmt};

use serde_json::Value;

use crate::round::Request;

/// Longest words that are told, in characters.
const LONGEST: usize = 200;

/// Shortest value that is looked for in a destination's words.
const SHORTEST: usize = 3;

/// Words as the end of a message; nothing when there are none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Words(Option<String>);

impl Words {
    /// The text at the first of `pointers` that has one.
    pub(crate) fn of(pointers: &[String], json: Option<&Value>, request: &Request) -> Self {
        let said = pointers.iter().find_map(|pointer| json?.pointer(pointer)?.as_str());
        let Some(said) = said else { return Self(None) };
        // Cut once more after the values are out, so that no value is cut in two before it is looked for.
        let mut said: String = said.chars().take(LONGEST * 20).collect();
        if let Ok(sent) = serde_json::from_slice::<Value>(&request.body) {
            hide(&sent, &mut said);
        }
        let plain = said.chars().map(|c| if c.is_control() { ' ' } else { c });
        let told: String = plain.collect();
        let told: Vec<Cow<'_, str>> = told.split_whitespace().map(without_address).collect();
        let told: String = told.join(" ").chars().take(LONGEST).collect();
        Self((!told.is_empty()).then_some(told))
    }
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().map_or(Ok(()), |words| write!(f, ": {words}"))
    }
}

/// Takes every value that was sent out of what was said.
fn hide(sent: &Value, said: &mut String) {
    match sent {
        Value::String(text) if text.len() >= SHORTEST && said.contains(text.as_str()) => {
            *said = said.replace(text.as_str(), "…");
        }
        Value::Array(items) => items.iter().for_each(|item| hide(item, said)),
        Value::Object(entries) => entries.values().for_each(|value| hide(value, said)),
        _ => {}
    }
}

/// A word, unless it looks like an e-mail address.
fn without_address(word: &str) -> Cow<'_, str> {
    if word.contains('@') { "…".into() } else { word.into() }
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
        let told = Words::of(&["/error".into(), "/message".into()], Some(&said), &request).to_string();
        assert_eq!(told, ": bad value … of … or …");
        assert_eq!(Words::of(&["/x".into()], Some(&said), &request).to_string(), "");
        assert_eq!(Words::of(&["/message".into()], None, &request).to_string(), "");
    }
}
