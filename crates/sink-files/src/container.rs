use std::{
    io::{self, Write as _},
    mem,
};

use flate2::{Compression, write::DeflateEncoder};
use kalends_container::{SyncMarker, write_block};

use crate::Codec;

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
        let datums = match self.codec {
            Codec::Null => datums,
            Codec::Deflate => {
                self.deflate.write_all(datums)?;
                self.compressed.clear();
                self.compressed = self.deflate.reset(mem::take(&mut self.compressed))?;
                &self.compressed
            }
        };
        write_block(&mut self.block, records, datums, sync);
        Ok(&self.block)
    }
}

#[cfg(test)]
mod tests {
    use apache_avro::{Reader, types::Value};
    use kalends_container::{write_bytes, write_head};
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
            write_head(&mut file, SCHEMA, codec.name(), &SYNC);
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
    fn a_block_that_repeats_itself_is_compressed() {
        let mut encoder = BlockEncoder::new(Codec::Deflate);
        assert!(encoder.encode(1, &vec![7; 60_000], &SYNC).unwrap().len() < 1_000);
    }
}
