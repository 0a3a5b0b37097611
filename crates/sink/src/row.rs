//! A record's fields, read from its Avro datum when somebody asks for them.

mod cursor;
mod error;
mod plan;
#[cfg(test)]
mod tests;
mod value;

pub use error::{RowError, RowSchemaError};
pub use plan::{Field, FieldType, RowPlan, TimeUnit};
pub use value::{FieldValue, Instant, Texts};

use cursor::Cursor;

/// Where the fields of one datum begin: a buffer that is used again for the next datum.
#[derive(Debug, Default)]
pub struct RowBuffer {
    offsets: Vec<usize>,
}

impl RowBuffer {
    /// Finds the fields of a datum that was written by the schema of `plan`. One pass over the datum; no value is
    /// decoded.
    ///
    /// # Errors
    /// [`RowError`] when the bytes are no datum of that schema.
    pub fn read<'a>(&'a mut self, plan: &'a RowPlan, datum: &'a [u8]) -> Result<Row<'a>, RowError> {
        self.offsets.clear();
        let mut cursor = Cursor::new(datum);
        for field in plan.fields() {
            self.offsets.push(cursor.offset());
            value::skip(field, &mut cursor)?;
        }
        match cursor.rest() {
            0 => Ok(Row { plan, datum, offsets: &self.offsets }),
            bytes => Err(RowError::LeftOver { bytes }),
        }
    }
}

/// A view of one record's fields.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    plan: &'a RowPlan,
    datum: &'a [u8],
    offsets: &'a [usize],
}

impl<'a> Row<'a> {
    /// How many fields the record has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.offsets.len()
    }

    /// Whether the record has no field.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.offsets.is_empty()
    }

    /// Decodes the value of the field at `index`, counted from 0 in the schema's order.
    ///
    /// # Errors
    /// [`RowError`] when the value can't be decoded, or when there is no such field.
    pub fn get(&self, index: usize) -> Result<FieldValue<'a>, RowError> {
        let (Some(field), Some(&offset)) = (self.plan.fields().get(index), self.offsets.get(index)) else {
            return Err(RowError::NoSuchField { index });
        };
        value::read(field, &mut Cursor::at(self.datum, offset))
    }

    /// Decodes all values, in the schema's order.
    pub fn values(&self) -> impl Iterator<Item = Result<FieldValue<'a>, RowError>> + use<'a> {
        let row = *self;
        (0..row.len()).map(move |index| row.get(index))
    }
}
