//! From a JSON leaf to a field's value.

use std::borrow::Cow;

use crate::{TimeUnit, Value, kind::Kind, number, pointer, time};

/// A JSON value as a leaf.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Leaf<'a> {
    Null,
    Boolean(bool),
    /// A number by its exact spelling.
    Number(&'a str),
    Text(Cow<'a, str>),
    /// An object or array: no leaf.
    Nested,
}

impl<'a> Leaf<'a> {
    /// Reads the text of a JSON value.
    pub(crate) fn of(value: &'a str) -> Self {
        match value.as_bytes().first() {
            Some(b'"') => {
                let inner =
                    value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or_default();
                Leaf::Text(pointer::decode(inner))
            }
            Some(b'{' | b'[') => Leaf::Nested,
            Some(b't') => Leaf::Boolean(true),
            Some(b'f') => Leaf::Boolean(false),
            Some(b'-' | b'0'..=b'9') => Leaf::Number(value),
            _ => Leaf::Null,
        }
    }
}

/// How a leaf was read as its field's type.
#[derive(Debug, PartialEq)]
pub(crate) enum Reading {
    /// It came in that type.
    AsSent(Value),
    /// It came in another type and says exactly this.
    Coerced(Value),
    /// It is as good as null: null, or an empty text for anything but a text.
    Nothing { coerced: bool },
    /// It can't be read as that type, or is out of its range.
    Unreadable,
}

pub(crate) fn read(leaf: &Leaf<'_>, kind: Kind, unit: TimeUnit) -> Reading {
    let text = match leaf {
        Leaf::Null => return Reading::Nothing { coerced: false },
        Leaf::Nested => return Reading::Unreadable,
        Leaf::Boolean(value) => return boolean(*value, kind),
        Leaf::Number(number) => return of_number(number, kind),
        Leaf::Text(text) => text,
    };
    if kind == Kind::Text || kind == Kind::Texts {
        return Reading::AsSent(Value::Text(text.as_ref().into()));
    }
    if text.is_empty() {
        return Reading::Nothing { coerced: true };
    }
    of_text(text, kind, unit)
}

fn boolean(value: bool, kind: Kind) -> Reading {
    match kind {
        Kind::Boolean => Reading::AsSent(Value::Boolean(value)),
        Kind::Text | Kind::Texts => Reading::Coerced(Value::Text(value.to_string().into())),
        _ => Reading::Unreadable,
    }
}

fn of_number(number: &str, kind: Kind) -> Reading {
    let is_integer = !number.contains(['.', 'e', 'E']);
    match kind {
        Kind::Text | Kind::Texts => Reading::Coerced(Value::Text(number.into())),
        _ => match numeric(number, kind) {
            Some(value) if is_integer || kind == Kind::Double => Reading::AsSent(value),
            Some(value) => Reading::Coerced(value),
            None => Reading::Unreadable,
        },
    }
}

fn of_text(text: &str, kind: Kind, unit: TimeUnit) -> Reading {
    match kind {
        Kind::Boolean if text.eq_ignore_ascii_case("true") => Reading::Coerced(Value::Boolean(true)),
        Kind::Boolean if text.eq_ignore_ascii_case("false") => Reading::Coerced(Value::Boolean(false)),
        Kind::Instant => as_sent(instant(text, unit)),
        Kind::LocalTime => as_sent(local_time(text)),
        Kind::Int | Kind::Long | Kind::Double if number::is_number(text) => {
            numeric(text, kind).map_or(Reading::Unreadable, Reading::Coerced)
        }
        _ => Reading::Unreadable,
    }
}

fn as_sent(value: Option<Value>) -> Reading {
    value.map_or(Reading::Unreadable, Reading::AsSent)
}

fn numeric(number: &str, kind: Kind) -> Option<Value> {
    match kind {
        Kind::Int => {
            number::exact_integer(number).and_then(|value| i32::try_from(value).ok()).map(Value::Int)
        }
        Kind::Long => number::exact_integer(number).map(Value::Long),
        Kind::Double => number.parse().ok().filter(|value: &f64| value.is_finite()).map(Value::Double),
        _ => None,
    }
}

fn instant(text: &str, unit: TimeUnit) -> Option<Value> {
    let written = time::read(text)?;
    unit.instant(time::Moment::of(written.date_time, written.offset.unwrap_or_default()))
}

/// A local time has no zone; one that names an offset is something else, which can't be told.
fn local_time(text: &str) -> Option<Value> {
    let written = time::read(text).filter(|written| written.offset.is_none())?;
    Some(Value::Text(written.date_time.to_string().into()))
}
