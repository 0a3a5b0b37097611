//! From an Avro datum that [`encode`](super::encode) wrote back to values.

use std::borrow::Cow;

use crate::{
    avro::Value,
    plan::{Field, kind::Kind},
    time::TimeUnit,
};

/// Rest of a datum. Its end reads as zeros.
#[derive(Clone, Copy)]
pub(crate) struct Datum<'a>(pub(crate) &'a [u8]);

impl<'a> Datum<'a> {
    /// Takes the value of the next field.
    pub(crate) fn value(&mut self, field: &Field, unit: TimeUnit) -> Value<'a> {
        if field.nullable && self.long() == 0 {
            return Value::Null;
        }
        match field.kind {
            Kind::Text | Kind::LocalTime => Value::Text(self.text()),
            Kind::Boolean => Value::Boolean(self.bytes(1) == [1]),
            Kind::Int => Value::Int(i32::try_from(self.long()).unwrap_or_default()),
            Kind::Long => Value::Long(self.long()),
            Kind::Double => Value::Double(f64::from_le_bytes(self.bytes(8).try_into().unwrap_or_default())),
            Kind::Instant => unit.of_units(self.long()),
            Kind::Texts => Value::Texts(self.texts()),
            Kind::Bytes => Value::Bytes(Cow::Borrowed(self.counted())),
        }
    }

    /// The bytes in front of `rest`, which is what is left of this datum.
    pub(crate) fn before(self, rest: Self) -> &'a [u8] {
        self.0.get(..self.0.len() - rest.0.len()).unwrap_or_default()
    }

    fn texts(&mut self) -> Vec<Cow<'a, str>> {
        let count = self.long();
        let texts = (0..count).map(|_| self.text()).collect();
        if count != 0 {
            self.long();
        }
        texts
    }

    fn text(&mut self) -> Cow<'a, str> {
        Cow::Borrowed(str::from_utf8(self.counted()).unwrap_or_default())
    }

    fn counted(&mut self) -> &'a [u8] {
        let length = self.long();
        self.bytes(usize::try_from(length).unwrap_or_default())
    }

    fn bytes(&mut self, count: usize) -> &'a [u8] {
        let (bytes, rest) = self.0.split_at_checked(count).unwrap_or((self.0, &[]));
        self.0 = rest;
        bytes
    }

    fn long(&mut self) -> i64 {
        let (mut value, mut shift) = (0_u64, 0);
        while let Some((byte, rest)) = self.0.split_first() {
            self.0 = rest;
            value |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 || shift > 63 {
                break;
            }
        }
        (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
    }
}
