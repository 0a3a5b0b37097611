use std::borrow::Cow;

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

/// What becomes of a field's value when it is encoded for one destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// It stays as it is.
    Keep,
    /// It becomes null; a field that is never null keeps its value.
    Drop,
    /// It becomes this text; a field of another type than `string` becomes null.
    Text(String),
}
