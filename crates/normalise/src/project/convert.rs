//! From a JSON leaf to a field's value.

use std::borrow::Cow;

use crate::{
    avro::Value,
    json::{number, pointer},
    plan::kind::Kind,
    time::{TimeUnit, instant},
    walk::findings::{Form, Found},
};

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
    /// Reads a value of the body.
    #[inline]
    pub(crate) fn of(found: &Found, text: &'a str) -> Self {
        let value = found.value.of(text);
        let inner = || value.get(1..value.len() - 1).unwrap_or_default();
        match found.form {
            Form::Null => Self::Null,
            Form::True => Self::Boolean(true),
            Form::False => Self::Boolean(false),
            Form::Number => Self::Number(value),
            Form::Text => Self::Text(Cow::Borrowed(inner())),
            Form::EscapedText => Self::Text(pointer::decode(inner())),
            Form::Object | Form::Array => Self::Nested,
        }
    }
}

/// Reading of a leaf as its field's type.
#[derive(Debug, PartialEq)]
pub(crate) enum Reading<'a> {
    /// The leaf came in that type.
    AsSent(Value<'a>),
    /// The leaf came in another type and says exactly this.
    Coerced(Value<'a>),
    /// The leaf is as good as null: null, or an empty text for anything but a text.
    Nothing { coerced: bool },
    /// The leaf can't be read as that type, or is out of its range.
    Unreadable,
}

#[inline]
pub(crate) fn read(leaf: Leaf<'_>, kind: Kind, unit: TimeUnit) -> Reading<'_> {
    let text = match leaf {
        Leaf::Null => return Reading::Nothing { coerced: false },
        Leaf::Nested => return Reading::Unreadable,
        Leaf::Boolean(value) => return boolean(value, kind),
        Leaf::Number(number) => return of_number(number, kind),
        Leaf::Text(text) => text,
    };
    if kind == Kind::Text || kind == Kind::Texts {
        return Reading::AsSent(Value::Text(text));
    }
    if text.is_empty() {
        return Reading::Nothing { coerced: true };
    }
    of_text(&text, kind, unit)
}

fn boolean(value: bool, kind: Kind) -> Reading<'static> {
    match kind {
        Kind::Boolean => Reading::AsSent(Value::Boolean(value)),
        Kind::Text | Kind::Texts => {
            Reading::Coerced(Value::Text(if value { "true" } else { "false" }.into()))
        }
        _ => Reading::Unreadable,
    }
}

fn of_number(number: &str, kind: Kind) -> Reading<'_> {
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

fn of_text(text: &str, kind: Kind, unit: TimeUnit) -> Reading<'static> {
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

fn as_sent(value: Option<Value<'static>>) -> Reading<'static> {
    value.map_or(Reading::Unreadable, Reading::AsSent)
}

fn numeric(number: &str, kind: Kind) -> Option<Value<'static>> {
    match kind {
        Kind::Int => {
            number::exact_integer(number).and_then(|value| i32::try_from(value).ok()).map(Value::Int)
        }
        Kind::Long => number::exact_integer(number).map(Value::Long),
        Kind::Double => number.parse().ok().filter(|value: &f64| value.is_finite()).map(Value::Double),
        _ => None,
    }
}

fn instant(text: &str, unit: TimeUnit) -> Option<Value<'static>> {
    let written = instant::read(text)?;
    unit.instant(instant::Moment::of(written.date_time, written.offset.unwrap_or_default()))
}

/// A local time has no zone; one that names an offset is something else, which can't be told. Years are 1 to 9999, as an
/// instant's.
fn local_time(text: &str) -> Option<Value<'static>> {
    let written =
        instant::read(text).filter(|written| written.offset.is_none() && written.date_time.year() > 0)?;
    Some(Value::Text(written.date_time.to_string().into()))
}
