use std::{io, path::Path};

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use crate::{
    error::OpenError,
    format::{
        bytes::{take, take_u32, take_u64},
        segment_name,
    },
    position::LogPosition,
    storage::{Storage, fill_at},
};

/// The file's name.
pub(crate) const FILE: &str = "journal.id";
/// The name of another file with the same bytes.
pub(crate) const COPY: &str = "journal.id.copy";
/// The one format version that this program knows, of the identity and of segments.
pub(crate) const VERSION: u32 = 1;
/// No other number was ever written or will be.
pub(crate) const FUTURE_VERSIONS: std::ops::RangeInclusive<u32> = VERSION + 1..=255;
/// Where the version stands, in the identity and in segments.
pub(crate) const VERSION_PLACE: std::ops::Range<usize> = 8..12;

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
    pub(crate) fn genesis(&self) -> LogPosition {
        let seed = xxh3_64(b"kalends journal genesis");
        LogPosition { position: 0, chain: xxh3_64_with_seed(&self.id, seed), time: 0 }
    }

    /// A new identity, not on disk yet.
    pub(crate) fn random(storage: &dyn Storage, directory: &Path) -> Result<Self, OpenError> {
        let mut random = [0; 24];
        storage.fill_random(&mut random).map_err(OpenError::io("make an identity for", directory))?;
        let id = take(&random, 0).unwrap_or_default();
        Ok(Self { id, secret: take_u64(&random, 16).unwrap_or_default() })
    }

    /// Puts the identity on disk under this name.
    pub(crate) fn store(&self, storage: &dyn Storage, directory: &Path, name: &str) -> Result<(), OpenError> {
        let path = directory.join(name);
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

/// What one of the identity's files holds.
#[derive(Debug)]
pub(crate) enum IdentityFile {
    /// There is no such file.
    Missing,
    /// An identity.
    Sound(Identity),
    /// Something else, and why it can't be read.
    Unreadable {
        /// The error for those who need it.
        why: OpenError,
        /// Whether that is damage, and no newer version.
        damaged: bool,
    },
}

/// Reads one of the identity's files.
pub(crate) fn read(storage: &dyn Storage, path: &Path) -> Result<IdentityFile, OpenError> {
    let file = match storage.open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(IdentityFile::Missing),
        Err(error) => return Err(OpenError::io("open", path)(error)),
    };
    let mut bytes = [0; BYTES];
    fill_at(&*file, &mut bytes, 0).map_err(OpenError::io("read", path))?;
    let damaged = |what| IdentityFile::Unreadable { why: OpenError::damaged(path, 0, what), damaged: true };
    Ok(match take_u32(&bytes, 8).filter(|_| bytes.starts_with(&MAGIC)) {
        None => damaged("it is no identity file"),
        Some(VERSION) => Identity::decode(&bytes)
            .map_or_else(|| damaged("its checksum doesn't match"), IdentityFile::Sound),
        Some(version) => {
            // A changed version number under a checksum that fits the known one is damage, and no newer version.
            bytes.get_mut(VERSION_PLACE).unwrap_or_default().copy_from_slice(&VERSION.to_le_bytes());
            let damaged = Identity::decode(&bytes).is_some() || !FUTURE_VERSIONS.contains(&version);
            let why = OpenError::Version { file: path.to_owned(), version, known: VERSION };
            IdentityFile::Unreadable { why, damaged }
        }
    })
}
