//! Parsing Canonical Form and CRC-64-AVRO fingerprint, as in Avro's specification, "Parsing Canonical Form for Schemas".

use apache_avro::Schema;

const PRIMITIVES: [&str; 8] = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"];

/// The fingerprint of the empty text, and the polynomial.
const EMPTY: u64 = 0xc15d_213a_a4d7_a795;

/// The schema's fingerprint, by which single-object encoding names it.
pub(super) fn fingerprint(schema: &Schema) -> u64 {
    canonical(schema).bytes().fold(EMPTY, |fingerprint, byte| {
        let mut low = (fingerprint ^ u64::from(byte)) & 0xff;
        for _ in 0..8 {
            low = (low >> 1) ^ (EMPTY & (low & 1).wrapping_neg());
        }
        (fingerprint >> 8) ^ low
    })
}

/// The library leaves `{"type":"long"}` where a logical type was. The specification's rule PRIMITIVES, and with it every
/// reader in Java and Python, wants `"long"`.
fn canonical(schema: &Schema) -> String {
    PRIMITIVES.iter().fold(schema.canonical_form(), |form, primitive| {
        form.replace(&format!(r#"{{"type":"{primitive}"}}"#), &format!(r#""{primitive}""#))
    })
}

#[cfg(test)]
mod tests {
    use apache_avro::rabin::Rabin;

    use super::*;

    #[test]
    fn where_there_is_no_logical_type_it_is_what_the_library_says() {
        for text in [r#""long""#, r#"["null","string"]"#, r#"{"type":"array","items":"string"}"#] {
            let schema = Schema::parse_str(text).unwrap();
            let bytes: [u8; 8] = schema.fingerprint::<Rabin>().bytes.try_into().unwrap();
            assert_eq!(fingerprint(&schema), u64::from_le_bytes(bytes), "{text}");
        }
    }

    #[test]
    fn a_logical_type_leaves_the_bare_primitive() {
        let bare = Schema::parse_str(r#"["null","long"]"#).unwrap();
        let logical = r#"["null",{"type":"long","logicalType":"timestamp-millis"}]"#;
        assert_eq!(fingerprint(&Schema::parse_str(logical).unwrap()), fingerprint(&bare));
    }
}
