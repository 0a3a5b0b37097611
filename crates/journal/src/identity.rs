use std::{io, path::Path};

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use crate::{
    Mark, OpenError,
    layout::{SEGMENT_HEADER_END, take, take_u32, take_u64},
    segment_name,
    storage::{Storage, fill_at},
};

/// The file's name.
pub(crate) const FILE: &str = "journal.id";
/// The one format version that this program knows, of the identity and of segments.
pub(crate) const VERSION: u32 = 1;

const MAGIC: [u8; 8] = *b"KLNDS-ID";
const BYTES: usize = 48;

/// What tells one journal from every other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    /// The public name of the journal.
    pub(crate) id: [u8; 16],
    /// Seeds the checksums of group headers. Never leaves the directory, so that no payload can be made to hold
    /// bytes that pass for a header.
    pub(crate) secret: u64,
}

impl Identity {
    /// The mark before the first frame.
    pub(crate) fn genesis(&self) -> Mark {
        let seed = xxh3_64(b"kalends journal genesis");
        Mark { position: 0, chain: xxh3_64_with_seed(&self.id, seed), time: 0 }
    }

    /// Reads the identity in `directory`; `None` if there is none.
    fn read(storage: &dyn Storage, directory: &Path) -> Result<Option<Self>, OpenError> {
        let path = directory.join(FILE);
        let file = match storage.open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(OpenError::io("open", &path)(error)),
        };
        let mut bytes = [0; BYTES];
        fill_at(&*file, &mut bytes, 0).map_err(OpenError::io("read", &path))?;
        let version = take_u32(&bytes, 8).filter(|_| bytes.starts_with(&MAGIC));
        match version {
            None => Err(OpenError::damaged(&path, 0, "it is no identity file")),
            Some(VERSION) => match Self::decode(&bytes) {
                Some(identity) => Ok(Some(identity)),
                None => Err(OpenError::damaged(&path, 0, "its checksum doesn't match")),
            },
            Some(version) => Err(OpenError::Version { file: path, version, known: VERSION }),
        }
    }

    /// Reads the identity of the journal whose segments begin at `firsts`; `None` where there is no journal yet.
    pub(crate) fn required(
        storage: &dyn Storage,
        directory: &Path,
        firsts: &[u64],
    ) -> Result<Option<Self>, OpenError> {
        match Self::read(storage, directory)? {
            None if !firsts.is_empty() && !is_unfinished(storage, directory, firsts)? => {
                Err(OpenError::IdentityMissing {
                    directory: directory.to_owned(),
                    file: directory.join(FILE),
                })
            }
            identity => Ok(identity),
        }
    }

    /// A new identity, not on disk yet.
    pub(crate) fn random(storage: &dyn Storage, directory: &Path) -> Result<Self, OpenError> {
        let mut random = [0; 24];
        storage.fill_random(&mut random).map_err(OpenError::io("make an identity for", directory))?;
        let id = take(&random, 0).unwrap_or_default();
        Ok(Self { id, secret: take_u64(&random, 16).unwrap_or_default() })
    }

    /// Puts the identity of a new journal on disk. Its first segment stands there already: an identity without a segment
    /// is a journal whose segments were taken away.
    pub(crate) fn store(&self, storage: &dyn Storage, directory: &Path) -> Result<(), OpenError> {
        let path = directory.join(FILE);
        let write = || -> io::Result<()> {
            let temporary = segment_name::temporary(&path);
            let file = storage.create(&temporary)?;
            file.write_at(&self.encode(), 0)?;
            file.sync()?;
            storage.rename(&temporary, &path)?;
            storage.sync_directory(directory)
        };
        write().map_err(OpenError::io("create", &path))
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(BYTES);
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(&self.id);
        bytes.extend_from_slice(&self.secret.to_le_bytes());
        bytes.extend_from_slice(&xxh3_64(&bytes).to_le_bytes());
        bytes
    }

    fn decode(bytes: &[u8; BYTES]) -> Option<Self> {
        let (content, checksum) = bytes.split_last_chunk()?;
        let identity = Self { id: take(content, 16)?, secret: take_u64(content, 32)? };
        (xxh3_64(content) == u64::from_le_bytes(*checksum)).then_some(identity)
    }
}

/// Whether the segments are what a crash left of a journal's first start: one that nothing was ever written to.
fn is_unfinished(storage: &dyn Storage, directory: &Path, firsts: &[u64]) -> Result<bool, OpenError> {
    let path = segment_name::path(directory, 1);
    let length = || storage.open(&path)?.length();
    Ok(firsts == [1] && length().map_err(OpenError::io("read", &path))? <= SEGMENT_HEADER_END)
}
