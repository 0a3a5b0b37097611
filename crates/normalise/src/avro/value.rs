use std::borrow::Cow;

use crate::time::{TimeUnit, instant::Moment};

/// The value of one field.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// No value.
    Null,
    /// Avro `string`.
    Text(Cow<'a, str>),
    /// Avro `boolean`.
    Boolean(bool),
    /// Avro `int`.
    Int(i32),
    /// Avro `long`.
    Long(i64),
    /// Avro `double`.
    Double(f64),
    /// Avro `long` of logical type `timestamp-millis`, in milliseconds since the Unix epoch.
    Millis(i64),
    /// Avro `long` of logical type `timestamp-micros`, in microseconds since the Unix epoch.
    Micros(i64),
    /// Avro `array` of `string`.
    Texts(Vec<Cow<'a, str>>),
    /// Avro `bytes`.
    Bytes(Cow<'a, [u8]>),
}

impl Value<'_> {
    /// The text of a [`Value::Text`].
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Treatment of a field's value when it is encoded for one destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// The value stays as it is.
    Keep,
    /// The value becomes null; a field that is never null keeps its value.
    Drop,
    /// The value becomes this text; a field of another type than `string` becomes null.
    Text(String),
}

impl TimeUnit {
    /// An instant in microseconds since the Unix epoch, as a value of this unit; floored.
    pub(crate) fn of_micros(self, micros: i64) -> Value<'static> {
        match self {
            Self::Millis => Value::Millis(micros.div_euclid(1_000)),
            Self::Micros => Value::Micros(micros),
        }
    }

    pub(crate) fn instant(self, moment: Moment) -> Option<Value<'static>> {
        moment.micros().map(|micros| self.of_micros(micros))
    }

    /// A count of this unit since the Unix epoch.
    pub(crate) fn of_units(self, units: i64) -> Value<'static> {
        match self {
            Self::Millis => Value::Millis(units),
            Self::Micros => Value::Micros(units),
        }
    }
}
