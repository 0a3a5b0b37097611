//! As much of Protocol Buffers' wire format as OTLP's traces need.

const VARINT: u64 = 0;
const FIXED64: u64 = 1;
const BYTES: u64 = 2;

/// A message that is being written, field by field.
#[derive(Debug, Default)]
pub(crate) struct Message(Vec<u8>);

impl Message {
    pub(crate) fn number(&mut self, field: u64, value: u64) {
        self.tag(field, VARINT);
        self.varint(value);
    }

    pub(crate) fn fixed(&mut self, field: u64, value: u64) {
        self.tag(field, FIXED64);
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub(crate) fn bytes(&mut self, field: u64, value: &[u8]) {
        self.tag(field, BYTES);
        self.varint(u64::try_from(value.len()).unwrap_or(u64::MAX));
        self.0.extend_from_slice(value);
    }

    pub(crate) fn message(&mut self, field: u64, write: impl FnOnce(&mut Self)) {
        let mut inner = Self::default();
        write(&mut inner);
        self.bytes(field, &inner.0);
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    fn tag(&mut self, field: u64, kind: u64) {
        self.varint(field << 3 | kind);
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(low_seven(value) | 0x80);
            value >>= 7;
        }
        self.0.push(low_seven(value));
    }
}

fn low_seven(value: u64) -> u8 {
    value.to_le_bytes()[0] & 0x7f
}

/// The first number or length-delimited field of this number in a message, as it came; `None` also where it is no message.
pub(crate) fn find(mut message: &[u8], wanted: u64) -> Option<Found<'_>> {
    while !message.is_empty() {
        let tag = take_varint(&mut message)?;
        let found = match tag & 7 {
            VARINT => Found::Number(take_varint(&mut message)?),
            FIXED64 => Found::Bytes(message.split_off(..8)?),
            BYTES => {
                let length = usize::try_from(take_varint(&mut message)?).ok()?;
                Found::Bytes(message.split_off(..length)?)
            }
            _ => return None,
        };
        if tag >> 3 == wanted {
            return Some(found);
        }
    }
    None
}

/// What a field holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

fn take_varint(message: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = *message.split_off_first()?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_found() {
        let mut message = Message::default();
        message.fixed(1, 7);
        message.number(2, u64::MAX);
        message.message(3, |inner| inner.number(1, 300));
        let bytes = message.into_bytes();
        assert_eq!(find(&bytes, 1), Some(Found::Bytes(&[7, 0, 0, 0, 0, 0, 0, 0])));
        assert_eq!(find(&bytes, 2), Some(Found::Number(u64::MAX)));
        assert_eq!(find(&bytes, 3), Some(Found::Bytes(&[8, 0xac, 2])));
        assert_eq!(find(&bytes, 4), None);
    }

    #[test]
    fn no_bytes_are_too_odd_to_be_looked_at() {
        for bytes in [&[0xff; 20][..], &[0x0a, 0xff, 0xff, 0xff, 0x7f], &[0x09, 1], &[0x08], &[0x0b]] {
            assert_eq!(find(bytes, 9), None);
        }
    }
}
