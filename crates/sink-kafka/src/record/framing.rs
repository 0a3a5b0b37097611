use kalends_sink::Schema;

/// First bytes of Avro's single-object encoding.
const SINGLE_OBJECT: [u8; 2] = [0xC3, 0x01];

/// First byte of the registry's wire format.
const WIRE_FORMAT: u8 = 0;

/// Reference of a datum to the schema that it was written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// Avro's single-object encoding: two fixed bytes, the schema's fingerprint (8 bytes, little-endian), the datum.
    SingleObject,
    /// The wire format of Confluent's schema registry: a zero, the schema's id there (4 bytes, big-endian), the datum.
    Registry {
        /// The id.
        id: u32,
    },
}

impl Framing {
    /// Replaces `out` with the framed datum.
    pub(crate) fn frame(self, schema: &Schema, datum: &[u8], out: &mut Vec<u8>) {
        out.clear();
        match self {
            Self::SingleObject => {
                out.extend_from_slice(&SINGLE_OBJECT);
                out.extend_from_slice(&schema.fingerprint.to_le_bytes());
            }
            Self::Registry { id } => {
                out.push(WIRE_FORMAT);
                out.extend_from_slice(&id.to_be_bytes());
            }
        }
        out.extend_from_slice(datum);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> Schema {
        Schema {
            name: "Test".into(),
            full_name: "rokt.calendar.Test".into(),
            json: String::new(),
            fingerprint: 0x0102_0304_0506_0708,
        }
    }

    #[test]
    fn the_wire_format_is_a_zero_the_id_and_the_datum() {
        let mut out = vec![9];
        Framing::Registry { id: 0x0102_0304 }.frame(&schema(), b"datum", &mut out);
        assert_eq!(out, b"\x00\x01\x02\x03\x04datum");
    }

    #[test]
    fn a_single_object_is_two_bytes_the_fingerprint_and_the_datum() {
        let mut out = vec![9];
        Framing::SingleObject.frame(&schema(), b"datum", &mut out);
        assert_eq!(out, b"\xC3\x01\x08\x07\x06\x05\x04\x03\x02\x01datum");
    }
}
