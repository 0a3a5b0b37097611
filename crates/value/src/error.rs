use std::fmt::{self, Display};

use serde::de::{self, Expected, Unexpected};

use crate::{Path, Step, nearest};

/// Reason why a node is not what is wanted, and the place below it.
#[derive(Debug)]
pub(crate) struct Error {
    /// From the innermost step up.
    steps: Vec<Step>,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    UnknownKey { given: String, known: &'static [&'static str] },
    MissingKey(&'static str),
    Other(String),
}

impl Error {
    /// Returns the same error, for the node one step further up.
    pub(crate) fn under(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// The place.
    pub(crate) fn path(&self) -> Path {
        self.steps.iter().rev().cloned().collect()
    }

    /// The key that is missing there, where that is what is wrong.
    pub(crate) fn missing_key(&self) -> Option<&'static str> {
        match self.kind {
            Kind::MissingKey(key) => Some(key),
            _ => None,
        }
    }

    /// The fault in words; `beside` are keys that are known at the root as well.
    pub(crate) fn message(&self, beside: &[&'static str]) -> String {
        match &self.kind {
            Kind::UnknownKey { given, known } => {
                let beside = if self.steps.len() == 1 { beside } else { &[] };
                nearest("key", given, &known.iter().chain(beside).copied().collect::<Vec<_>>())
            }
            Kind::MissingKey(key) => format!("the key `{key}` is missing; add it"),
            Kind::Other(message) => message.clone(),
        }
    }
}

impl de::Error for Error {
    fn custom<T: Display>(message: T) -> Self {
        let message = match message.to_string() {
            text if text == "invalid socket address syntax" => {
                "this is no address; write an IP address and a port, such as 127.0.0.1:8080 or [::]:8080"
                    .to_owned()
            }
            text => text,
        };
        Self { steps: Vec::new(), kind: Kind::Other(message) }
    }

    // What was found is left out: in the wrong place it may be a secret.
    fn invalid_type(found: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        let wanted = wanted.to_string();
        let wanted = match wanted.as_str() {
            "a sequence" => "a list",
            "a map" => "a map of keys",
            map if map.starts_with("struct ") => "a map of keys",
            "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "usize" => "an integer",
            "f32" | "f64" => "a number",
            "path string" => "a path",
            "socket address" => "a string",
            other => other,
        };
        let found = match found {
            Unexpected::Unit | Unexpected::Option => {
                return Self::custom("there is no value here; write one, or leave the key out");
            }
            Unexpected::Bool(_) => "true or false",
            Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_) => "a number",
            Unexpected::Str(_) | Unexpected::Char(_) => "text",
            Unexpected::Seq => "a list",
            Unexpected::Map => "a map",
            _ => "something else",
        };
        Self::custom(format_args!("expected {wanted}, found {found}"))
    }

    fn invalid_value(_: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        let range = match wanted.to_string().as_str() {
            "u8" => "from 0 to 255".to_owned(),
            "u16" => "from 0 to 65535".to_owned(),
            "u32" => "from 0 to 4294967295".to_owned(),
            "u64" | "usize" => "that is not below 0".to_owned(),
            other => return Self::custom(format_args!("expected {other}")),
        };
        Self::custom(format_args!("this number is too small or too large; write one {range}"))
    }

    fn unknown_variant(given: &str, known: &'static [&'static str]) -> Self {
        Self::custom(nearest("word", given, known))
    }

    fn unknown_field(given: &str, known: &'static [&'static str]) -> Self {
        Self { steps: Vec::new(), kind: Kind::UnknownKey { given: given.to_owned(), known } }
    }

    fn missing_field(key: &'static str) -> Self {
        Self { steps: Vec::new(), kind: Kind::MissingKey(key) }
    }
}

impl std::error::Error for Error {}

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(&[]))
    }
}
