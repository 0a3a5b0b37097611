//! Dead letters, as `DeadLetter` records in Avro object container files.

use std::{io, path::PathBuf};

use kalends_container::{write_block, write_head};
use kalends_sink::Schema;

/// The folder that has the files of one sink: one file a commit, `<first>-<last>.avro`. Without a path nothing is kept.
#[derive(Debug)]
pub(crate) struct DeadLetterFile(Option<PathBuf>);

impl DeadLetterFile {
    pub(crate) fn new(folder: Option<PathBuf>) -> Self {
        Self(folder)
    }

    /// Writes datums of dead letters with their positions. Durable when this returns; the same again leaves one file.
    ///
    /// # Errors
    /// A file can't be written.
    pub(crate) fn write(&self, schema: &Schema, datums: &[(u64, &[u8])]) -> io::Result<()> {
        let (Some(folder), [(first, _), ..], Some((last, _))) = (&self.0, datums, datums.last()) else {
            return Ok(());
        };
        let name = folder.join(format!("{first:020}-{last:020}.avro"));
        kalends_note::replace_private(&name, &file(schema, datums))
    }
}

/// A whole file with one block.
fn file(schema: &Schema, datums: &[(u64, &[u8])]) -> Vec<u8> {
    let block: Vec<u8> = datums.iter().flat_map(|(_, datum)| datum.iter().copied()).collect();
    // Made of what the file holds, so that the same again gives the same file.
    let sync = xxhash_rust::xxh3::xxh3_128(&block).to_be_bytes();
    let mut file = Vec::new();
    write_head(&mut file, &schema.json, "null", &sync);
    write_block(&mut file, datums.len(), &block, &sync);
    file
}
