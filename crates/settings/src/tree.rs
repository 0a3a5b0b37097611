//! A YAML file as a tree in which every key and value knows its line and column.

use std::fmt;

use kalends_value::{Content, Entry, Node, Number, Origin};
use serde::{Deserialize, Deserializer, de};
use serde_saphyr::{Location, NonFiniteFloatPolicy, Spanned, UserMessageFormatter};

use super::{Place, Problem};

/// Reads the text of the file `name`.
///
/// # Errors
/// Where it is no YAML, and why. A key that stands there twice is such an error.
pub(super) fn read(name: &str, text: &str) -> Result<Node, Problem> {
    // The places of what follows are counted without it.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let problem = |(line, column), message| Problem {
        place: Place::File { name: name.to_owned(), line, column },
        key: String::new(),
        message,
    };
    // A number that is too large is a text all the same.
    let options = serde_saphyr::options! { non_finite_float_policy: NonFiniteFloatPolicy::PassThrough };
    let root: Spanned<Parsed> = serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let at = error.location().map_or((0, 0), |at| (at.line(), at.column()));
        let message = error.without_snippet().render_with_formatter(&UserMessageFormatter);
        // The place is told already, in our own way.
        let message = message.split(" at line ").next().unwrap_or(&message);
        problem(at, format!("this is no valid YAML: {message}"))
    })?;
    let at = root.referenced;
    let mut node = node(root, text);
    if node.content == Content::Null {
        node.content = Content::Map(Vec::new());
    }
    match node.content {
        Content::Map(_) => Ok(node),
        _ => Err(problem(
            (at.line(), at.column()),
            "a configuration is a map of keys, such as `listen:`".to_owned(),
        )),
    }
}

/// Kind of a value as the parser takes it.
enum Parsed {
    Null,
    Truth(bool),
    Number(Number),
    Text(String),
    List(Vec<Spanned<Parsed>>),
    Map(Vec<(Spanned<String>, Spanned<Parsed>)>),
}

fn node(parsed: Spanned<Parsed>, text: &str) -> Node {
    let written = || written(parsed.defined, text);
    let content = match parsed.value {
        Parsed::Null => Content::Null,
        Parsed::Truth(value) => Content::Truth(value, written().unwrap_or_else(|| value.to_string())),
        Parsed::Number(number) => Content::Number(number, written().unwrap_or_else(|| printed(number))),
        Parsed::Text(text) => Content::Text(text),
        Parsed::List(items) => Content::List(items.into_iter().map(|item| node(item, text)).collect()),
        Parsed::Map(entries) => {
            let entry = |(key, value): (Spanned<String>, Spanned<Parsed>)| Entry {
                origin: origin(key.referenced),
                key: key.value,
                node: node(value, text),
            };
            Content::Map(entries.into_iter().map(entry).collect())
        }
    };
    Node { origin: origin(parsed.referenced), content }
}

fn origin(location: Location) -> Origin {
    Origin::File { line: location.line(), column: location.column() }
}

/// The characters that a number or a truth was written with.
fn written(location: Location, text: &str) -> Option<String> {
    let span = location.span();
    let begin = usize::try_from(span.byte_offset()?).ok()?;
    let end = begin.checked_add(usize::try_from(span.byte_len()?).ok()?)?;
    let written = text.get(begin..end)?.trim();
    (!written.is_empty()).then(|| written.to_owned())
}

fn printed(number: Number) -> String {
    match number {
        Number::Signed(number) => number.to_string(),
        Number::Unsigned(number) => number.to_string(),
        Number::Float(number) => number.to_string(),
    }
}

impl<'de> Deserialize<'de> for Parsed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ParsedVisitor)
    }
}

struct ParsedVisitor;

impl<'de> de::Visitor<'de> for ParsedVisitor {
    type Value = Parsed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("YAML")
    }

    fn visit_unit<E>(self) -> Result<Parsed, E> {
        Ok(Parsed::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Parsed, E> {
        Ok(Parsed::Truth(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Parsed, E> {
        Ok(Parsed::Number(Number::Signed(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Parsed, E> {
        Ok(Parsed::Number(Number::Unsigned(value)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Parsed, E> {
        Ok(Parsed::Number(Number::Float(value)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Parsed, E> {
        Ok(Parsed::Text(text.to_owned()))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Parsed, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Parsed::List(items))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Parsed, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Parsed::Map(entries))
    }
}
