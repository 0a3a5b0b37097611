use std::borrow::Cow;

use bytes::{BufMut, BytesMut};
use kalends_sink::{FieldValue, Row, RowError, Texts};

use super::{SqlType, json_text};

/// The server counts instants from 2000-01-01T00:00:00Z.
const EPOCH_MICROS: i64 = 946_684_800_000_000;

/// Counts of changes that let a column hold a value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    /// U+0000 taken out of texts.
    pub(crate) nul: u64,
    /// Halves of surrogate pairs replaced in JSON.
    pub(crate) surrogates: u64,
}

/// The values of one row, each in the binary form that an array has it in. A buffer that is used again.
#[derive(Debug, Default, Clone)]
pub(crate) struct Cells {
    bytes: BytesMut,
    ends: Vec<usize>,
}

impl Cells {
    /// Takes a record's values.
    ///
    /// # Errors
    /// [`RowError`] when a value can't be decoded.
    pub(crate) fn fill(&mut self, row: &Row<'_>, types: &[SqlType]) -> Result<Counted, RowError> {
        self.clear();
        let mut counted = Counted::default();
        for (value, sql) in row.values().zip(types) {
            self.push(&value?, *sql, &mut counted);
        }
        Ok(counted)
    }

    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// The value with this index.
    pub(crate) fn get(&self, index: usize) -> &[u8] {
        let end = self.ends.get(index).copied().unwrap_or_default();
        let begin =
            index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or_default();
        self.bytes.get(begin..end).unwrap_or_default()
    }

    /// Every value.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.ends.len()).map(|index| self.get(index))
    }

    /// Takes these values of another row, in this order.
    pub(crate) fn select(&mut self, other: &Self, indices: &[usize]) {
        self.clear();
        for index in indices {
            self.bytes.extend_from_slice(other.get(*index));
            self.ends.push(self.bytes.len());
        }
    }

    pub(crate) fn push(&mut self, value: &FieldValue<'_>, sql: SqlType, counted: &mut Counted) {
        let bytes = &mut self.bytes;
        match value {
            FieldValue::Null => bytes.put_i32(-1),
            FieldValue::Boolean(value) => counted_bytes(bytes, &[u8::from(*value)]),
            FieldValue::Int(value) => counted_bytes(bytes, &value.to_be_bytes()),
            FieldValue::Long(value) => counted_bytes(bytes, &value.to_be_bytes()),
            FieldValue::Double(value) => counted_bytes(bytes, &value.to_be_bytes()),
            FieldValue::Instant(instant) => {
                // Normalising keeps instants within the years 1 to 9999; what is out of 64 bits is no instant.
                let micros = instant.micros().and_then(|micros| micros.checked_sub(EPOCH_MICROS));
                match micros {
                    Some(micros) => counted_bytes(bytes, &micros.to_be_bytes()),
                    None => bytes.put_i32(-1),
                }
            }
            FieldValue::Text(text) if sql == SqlType::Json => {
                let clean = json_text::clean(text, counted);
                counted_bytes(bytes, clean.as_bytes());
            }
            FieldValue::Text(text) => counted_bytes(bytes, without_nul(text, counted).as_bytes()),
            FieldValue::Bytes(value) => counted_bytes(bytes, value),
            FieldValue::Texts(texts) => counted_bytes(bytes, array_literal(*texts, counted).as_bytes()),
        }
        self.ends.push(self.bytes.len());
    }
}

fn counted_bytes(out: &mut BytesMut, bytes: &[u8]) {
    out.put_i32(i32::try_from(bytes.len()).unwrap_or(i32::MAX));
    out.extend_from_slice(bytes);
}

/// The text without U+0000, which no text of the server can hold.
pub(crate) fn without_nul<'a>(text: &'a str, counted: &mut Counted) -> Cow<'a, str> {
    let found = memchr::memchr_iter(0, text.as_bytes()).count();
    if found == 0 {
        return Cow::Borrowed(text);
    }
    counted.nul += u64::try_from(found).unwrap_or_default();
    Cow::Owned(text.replace('\0', ""))
}

/// The list as the server writes one: `{"a","b"}`.
pub(crate) fn array_literal(texts: Texts<'_>, counted: &mut Counted) -> String {
    let mut out = String::from("{");
    for text in texts.iter() {
        if out.len() > 1 {
            out.push(',');
        }
        out.push('"');
        for character in without_nul(text, counted).chars() {
            if matches!(character, '"' | '\\') {
                out.push('\\');
            }
            out.push(character);
        }
        out.push('"');
    }
    out.push('}');
    out
}
