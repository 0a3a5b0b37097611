use std::{
    io::{self, Write as _},
    mem,
};

use flate2::{Compression, write::DeflateEncoder};

use crate::Codec;

const MAGIC: &[u8] = b"Obj\x01";

/// Parts a file's blocks from each other; random, one for each file.
pub(crate) type SyncMarker = [u8; 16];

/// Appends the head of an object container file.
pub(crate) fn write_head(out: &mut Vec<u8>, schema: &str, codec: Codec, sync: &SyncMarker) {
    out.extend_from_slice(MAGIC);
    write_long(out, 2);
    for (key, value) in [("avro.schema", schema), ("avro.codec", codec.name())] {
        write_bytes(out, key.as_bytes());
        write_bytes(out, value.as_bytes());
    }
    write_long(out, 0);
    out.extend_from_slice(sync);
}

/// Builds blocks; its buffers serve one block after the other.
pub(crate) struct BlockEncoder {
    codec: Codec,
    deflate: DeflateEncoder<Vec<u8>>,
    compressed: Vec<u8>,
    block: Vec<u8>,
}

impl BlockEncoder {
    pub(crate) fn new(codec: Codec) -> Self {
        let deflate = DeflateEncoder::new(Vec::new(), Compression::default());
        Self { codec, deflate, compressed: Vec::new(), block: Vec::new() }
    }

    /// A whole block of `records` datums that stand one behind the other in `datums`.
    pub(crate) fn encode(&mut self, records: usize, datums: &[u8], sync: &SyncMarker) -> io::Result<&[u8]> {
        self.block.clear();
        write_long(&mut self.block, records);
        match self.codec {
            Codec::Null => write_bytes(&mut self.block, datums),
            Codec::Deflate => {
                self.deflate.write_all(datums)?;
                self.compressed.clear();
                self.compressed = self.deflate.reset(mem::take(&mut self.compressed))?;
                write_bytes(&mut self.block, &self.compressed);
            }
        }
        self.block.extend_from_slice(sync);
        Ok(&self.block)
    }
}

fn write_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    write_long(out, bytes.len());
    out.extend_from_slice(bytes);
}

/// An Avro long that is never negative: zigzag, then seven bits a byte, the lowest first.
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
            codec in prop::sample::select(vec![Codec::Null, Codec::Deflate]),
        ) {
            let mut file = Vec::new();
            write_head(&mut file, SCHEMA, codec, &SYNC);
            let mut encoder = BlockEncoder::new(codec);
            for block in &blocks {
                let mut datums = Vec::new();
                for bytes in block {
                    write_bytes(&mut datums, bytes);
                }
                file.extend_from_slice(encoder.encode(block.len(), &datums, &SYNC).unwrap());
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

    #[test]
    fn a_block_that_repeats_itself_is_compressed() {
        let mut encoder = BlockEncoder::new(Codec::Deflate);
        assert!(encoder.encode(1, &vec![7; 60_000], &SYNC).unwrap().len() < 1_000);
    }
}
