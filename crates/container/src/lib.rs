//! Avro object container files, made of datums that are encoded already (Avro 1.12, "Object Container Files"). Knows nobody.

const MAGIC: &[u8] = b"Obj\x01";

/// Parts a file's blocks from each other; one for each file.
pub type SyncMarker = [u8; 16];

/// Appends the head of a file. `codec` is the name of the codec of its blocks, such as `null`.
pub fn write_head(out: &mut Vec<u8>, schema: &str, codec: &str, sync: &SyncMarker) {
    out.extend_from_slice(MAGIC);
    write_long(out, 2);
    for (key, value) in [("avro.schema", schema), ("avro.codec", codec)] {
        write_bytes(out, key.as_bytes());
        write_bytes(out, value.as_bytes());
    }
    write_long(out, 0);
    out.extend_from_slice(sync);
}

/// Appends a whole block of `records` datums, which stand one behind the other in `datums`, as the file's codec has them.
pub fn write_block(out: &mut Vec<u8>, records: usize, datums: &[u8], sync: &SyncMarker) {
    write_long(out, records);
    write_bytes(out, datums);
    out.extend_from_slice(sync);
}

/// Appends bytes behind their length, as Avro has its type `bytes`.
pub fn write_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    write_long(out, bytes.len());
    out.extend_from_slice(bytes);
}

/// Appends an Avro long that is never negative: zigzag, then seven bits a byte, the lowest first.
fn write_long(out: &mut Vec<u8>, number: usize) {
    let mut rest = number << 1;
    loop {
        let low = u8::try_from(rest & 0x7f).unwrap_or_default();
        rest >>= 7;
        if rest == 0 {
            out.push(low);
            break;
        }
        out.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use apache_avro::{Reader, types::Value};
    use proptest::prelude::*;

    use super::*;

    const SCHEMA: &str = r#"{"type":"record","name":"R","fields":[{"name":"b","type":"bytes"}]}"#;
    const SYNC: SyncMarker = *b"0123456789abcdef";

    proptest! {
        #[test]
        fn the_reference_reader_reads_back_what_was_written(
            blocks in prop::collection::vec(prop::collection::vec(prop::collection::vec(any::<u8>(), 0..400), 1..9), 0..12),
        ) {
            let mut file = Vec::new();
            write_head(&mut file, SCHEMA, "null", &SYNC);
            for block in &blocks {
                let mut datums = Vec::new();
                for bytes in block {
                    write_bytes(&mut datums, bytes);
                }
                write_block(&mut file, block.len(), &datums, &SYNC);
            }
            let read: Vec<Value> = Reader::new(&file[..]).unwrap().collect::<Result<_, _>>().unwrap();
            let record = |bytes: &Vec<u8>| Value::Record(vec![("b".to_owned(), Value::Bytes(bytes.clone()))]);
            prop_assert_eq!(read, blocks.iter().flatten().map(record).collect::<Vec<_>>());
        }
    }

    #[test]
    fn longs_have_the_bytes_of_the_specification() {
        for (number, bytes) in
            [(0, &[0x00][..]), (1, &[0x02]), (2, &[0x04]), (63, &[0x7e]), (64, &[0x80, 0x01])]
        {
            let mut out = Vec::new();
            write_long(&mut out, number);
            assert_eq!(out, bytes, "{number}");
        }
    }
}
