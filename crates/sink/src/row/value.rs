use super::{
    Field, FieldType, RowError, TimeUnit,
    cursor::{Cursor, Fault},
};

/// The value of one field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FieldValue<'a> {
    /// No value.
    Null,
    /// True or false.
    Boolean(bool),
    /// A whole number of 32 bits.
    Int(i32),
    /// A whole number of 64 bits.
    Long(i64),
    /// A floating point number.
    Double(f64),
    /// An instant.
    Instant(Instant),
    /// Text.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
    /// A list of texts.
    Texts(Texts<'a>),
}

/// An instant with the unit that the schema counts it in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instant {
    /// Units since the Unix epoch.
    pub units: i64,
    /// The unit that is counted.
    pub unit: TimeUnit,
}

impl Instant {
    /// Microseconds since the Unix epoch; `None` when they don't fit into 64 bits.
    #[must_use]
    pub fn micros(self) -> Option<i64> {
        match self.unit {
            TimeUnit::Micros => Some(self.units),
            TimeUnit::Millis => self.units.checked_mul(1000),
        }
    }
}

/// A list of texts, whose encoding has been checked.
#[derive(Debug, Clone, Copy)]
pub struct Texts<'a>(Cursor<'a>);

impl<'a> Texts<'a> {
    /// The texts, each decoded when it is come to.
    pub fn iter(self) -> impl Iterator<Item = &'a str> {
        let (mut cursor, mut left) = (self.0, 0);
        std::iter::from_fn(move || {
            if left == 0 {
                left = cursor.block().ok().filter(|count| *count > 0)?;
            }
            left -= 1;
            text(cursor.counted().ok()?).ok()
        })
    }
}

impl PartialEq for Texts<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

/// Goes past the value of a field.
pub(super) fn skip(field: &Field, cursor: &mut Cursor<'_>) -> Result<(), RowError> {
    skip_value(field, cursor).map_err(|fault| error(field, fault))
}

/// Decodes the value of a field.
pub(super) fn read<'a>(field: &Field, cursor: &mut Cursor<'a>) -> Result<FieldValue<'a>, RowError> {
    read_value(field, cursor).map_err(|fault| error(field, fault))
}

fn skip_value(field: &Field, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    if is_null(field, cursor)? {
        return Ok(());
    }
    match field.kind {
        FieldType::Boolean => cursor.byte().map(drop),
        FieldType::Int | FieldType::Long | FieldType::Instant(_) => cursor.long().map(drop),
        FieldType::Double => cursor.bytes(8).map(drop),
        FieldType::Text | FieldType::Bytes => cursor.counted().map(drop),
        FieldType::Texts => each_text(cursor, |_| Ok(())),
    }
}

fn read_value<'a>(field: &Field, cursor: &mut Cursor<'a>) -> Result<FieldValue<'a>, Fault> {
    if is_null(field, cursor)? {
        return Ok(FieldValue::Null);
    }
    Ok(match field.kind {
        FieldType::Boolean => match cursor.byte()? {
            0 => FieldValue::Boolean(false),
            1 => FieldValue::Boolean(true),
            _ => return Err(Fault::Malformed),
        },
        FieldType::Int => FieldValue::Int(i32::try_from(cursor.long()?).map_err(|_| Fault::Malformed)?),
        FieldType::Long => FieldValue::Long(cursor.long()?),
        FieldType::Double => {
            let bytes = cursor.bytes(8)?.try_into().map_err(|_| Fault::Ends)?;
            FieldValue::Double(f64::from_le_bytes(bytes))
        }
        FieldType::Instant(unit) => FieldValue::Instant(Instant { units: cursor.long()?, unit }),
        FieldType::Text => FieldValue::Text(text(cursor.counted()?)?),
        FieldType::Bytes => FieldValue::Bytes(cursor.counted()?),
        FieldType::Texts => {
            let list = Texts(*cursor);
            each_text(cursor, |bytes| text(bytes).map(drop))?;
            FieldValue::Texts(list)
        }
    })
}

fn is_null(field: &Field, cursor: &mut Cursor<'_>) -> Result<bool, Fault> {
    if !field.nullable {
        return Ok(false);
    }
    match cursor.long()? {
        0 => Ok(true),
        1 => Ok(false),
        _ => Err(Fault::Malformed),
    }
}

fn text(bytes: &[u8]) -> Result<&str, Fault> {
    str::from_utf8(bytes).map_err(|_| Fault::Malformed)
}

fn each_text<'a>(
    cursor: &mut Cursor<'a>,
    mut each: impl FnMut(&'a [u8]) -> Result<(), Fault>,
) -> Result<(), Fault> {
    loop {
        // However many the block promises: each takes a byte at least, so that the datum's end ends the loop.
        let count = cursor.block()?;
        if count == 0 {
            return Ok(());
        }
        for _ in 0..count {
            each(cursor.counted()?)?;
        }
    }
}

fn error(field: &Field, fault: Fault) -> RowError {
    let name = field.name.clone();
    match fault {
        Fault::Ends => RowError::Ends { field: name },
        Fault::Malformed => RowError::Malformed { field: name, expected: expected(field.kind) },
    }
}

fn expected(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Boolean => "a boolean",
        FieldType::Int => "an int",
        FieldType::Long => "a long",
        FieldType::Double => "a double",
        FieldType::Instant(_) => "an instant",
        FieldType::Text => "a string of UTF-8",
        FieldType::Bytes => "a run of bytes",
        FieldType::Texts => "a list of strings of UTF-8",
    }
}
