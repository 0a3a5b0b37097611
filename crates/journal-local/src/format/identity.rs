use std::{io, path::Path};

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use kalends_journal::{FormerIdentity, JournalId, LogPosition};

use crate::{
    error::OpenError,
    format::{
        bytes::{take, take_u32, take_u64},
        segment_name,
    },
    storage::{Storage, fill_at, to_usize},
};

/// The file's name.
pub(crate) const FILE: &str = "journal.id";
/// The name of another file with the same bytes.
pub(crate) const COPY: &str = "journal.id.copy";
/// The format version of the identity of a journal that has always had this one.
pub(crate) const VERSION: u32 = 1;
/// The format version of an identity that names former ones.
const ADOPTED_VERSION: u32 = 2;
/// Versions that a newer program may write; no other number was ever written or will be.
const FUTURE_VERSIONS: std::ops::RangeInclusive<u32> = ADOPTED_VERSION + 1..=255;
/// Most identities that a journal may have had before.
pub(crate) const MAX_FORMER: usize = 255;

const MAGIC: [u8; 8] = *b"KLNDS-ID";
const VERSION_PLACE: std::ops::Range<usize> = 8..12;
const FORMER_COUNT_AT: usize = 12;
const FORMER_AT: usize = 40;
const FORMER_BYTES: usize = 24;
const CHECKSUM_BYTES: usize = 8;
const MAX_BYTES: usize = FORMER_AT + FORMER_BYTES * MAX_FORMER + CHECKSUM_BYTES;

/// The identity of a journal, which tells it from every other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    /// The public name of the journal.
    pub(crate) id: [u8; 16],
    /// Seeds the checksums of group headers. Never leaves the directory, so that no payload can be made to hold
    /// bytes that pass for a header.
    pub(crate) secret: u64,
    /// The names that it had before, the oldest first.
    pub(crate) former: Vec<FormerIdentity>,
}

impl Identity {
    /// The mark before the first frame.
    pub(crate) fn genesis(&self) -> LogPosition {
        let seed = xxh3_64(b"kalends journal genesis");
        let first = self.former.first().map_or(self.id, |former| former.id.bytes());
        LogPosition { position: 0, chain: xxh3_64_with_seed(&first, seed), time: 0 }
    }

    /// Whether this is, or was, the journal's name.
    pub(crate) fn has_had(&self, id: [u8; 16]) -> bool {
        self.id == id || self.former.iter().any(|former| former.id.bytes() == id)
    }

    /// A new identity, not on disk yet.
    pub(crate) fn random(storage: &dyn Storage, directory: &Path) -> Result<Self, OpenError> {
        let mut random = [0; 24];
        storage.fill_random(&mut random).map_err(OpenError::io("make an identity for", directory))?;
        let id = take(&random, 0).unwrap_or_default();
        Ok(Self { id, secret: take_u64(&random, 16).unwrap_or_default(), former: Vec::new() })
    }

    /// The identity of the same journal under another name, behind `last_position`. `None` when it has had too many.
    pub(crate) fn renamed(&self, id: [u8; 16], last_position: u64) -> Option<Self> {
        let mut former = self.former.clone();
        former.push(FormerIdentity { id: JournalId::new(self.id), last_position });
        for before in &mut former {
            before.last_position = before.last_position.min(last_position);
        }
        (former.len() <= MAX_FORMER).then_some(Self { id, secret: self.secret, former })
    }

    /// Whether this journal was adopted when it had the identity `before`.
    pub(crate) fn succeeds(&self, before: &Self) -> bool {
        self.secret == before.secret && self.former.iter().any(|former| former.id.bytes() == before.id)
    }

    /// Puts the identity on disk under this name.
    pub(crate) fn store(&self, storage: &dyn Storage, directory: &Path, name: &str) -> Result<(), OpenError> {
        let path = directory.join(name);
        let temporary = segment_name::temporary(&path);
        let write = || -> io::Result<()> {
            let file = storage.create(&temporary)?;
            file.write_at(&self.encode(), 0)?;
            file.sync()?;
            storage.rename(&temporary, &path)?;
            storage.sync_directory(directory)
        };
        write().inspect_err(|_| drop(storage.remove(&temporary))).map_err(OpenError::io("create", &path))
    }

    fn encode(&self) -> Vec<u8> {
        let version = if self.former.is_empty() { VERSION } else { ADOPTED_VERSION };
        let mut bytes = Vec::with_capacity(MAX_BYTES);
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&version.to_le_bytes());
        bytes.extend_from_slice(&u32::try_from(self.former.len()).unwrap_or(u32::MAX).to_le_bytes());
        bytes.extend_from_slice(&self.id);
        bytes.extend_from_slice(&self.secret.to_le_bytes());
        for former in &self.former {
            bytes.extend_from_slice(&former.id.bytes());
            bytes.extend_from_slice(&former.last_position.to_le_bytes());
        }
        bytes.extend_from_slice(&xxh3_64(&bytes).to_le_bytes());
        bytes
    }

    /// Reads an identity of a version that is known.
    fn decode(bytes: &[u8]) -> Option<Self> {
        let count = match take_u32(bytes, VERSION_PLACE.start)? {
            VERSION => 0,
            _ => to_usize(u64::from(take_u32(bytes, FORMER_COUNT_AT)?)),
        };
        if count > MAX_FORMER {
            return None;
        }
        let whole = bytes.get(..FORMER_AT + FORMER_BYTES * count + CHECKSUM_BYTES)?;
        let (content, checksum) = whole.split_last_chunk()?;
        if xxh3_64(content) != u64::from_le_bytes(*checksum) {
            return None;
        }
        let former = (0..count).map(|index| {
            let at = FORMER_AT + FORMER_BYTES * index;
            Some(FormerIdentity {
                id: JournalId::new(take(content, at)?),
                last_position: take_u64(content, at + 16)?,
            })
        });
        Some(Self {
            id: take(content, 16)?,
            secret: take_u64(content, 32)?,
            former: former.collect::<Option<_>>()?,
        })
    }
}

/// The content of one of the identity's two files.
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
    let mut bytes = vec![0; MAX_BYTES];
    let length = fill_at(&*file, &mut bytes, 0).map_err(OpenError::io("read", path))?;
    bytes.truncate(length);
    let damaged = |what| IdentityFile::Unreadable { why: OpenError::damaged(path, 0, what), damaged: true };
    Ok(match take_u32(&bytes, VERSION_PLACE.start).filter(|_| bytes.starts_with(&MAGIC)) {
        None => damaged("it is no identity file"),
        Some(VERSION | ADOPTED_VERSION) => Identity::decode(&bytes)
            .map_or_else(|| damaged("its checksum doesn't match"), IdentityFile::Sound),
        Some(version) => {
            // A changed version number under a checksum that fits a known one is damage, and no newer version.
            let is_known = [VERSION, ADOPTED_VERSION].iter().any(|known| {
                bytes.get_mut(VERSION_PLACE).unwrap_or_default().copy_from_slice(&known.to_le_bytes());
                Identity::decode(&bytes).is_some()
            });
            let damaged = is_known || !FUTURE_VERSIONS.contains(&version);
            let why = OpenError::Version { file: path.to_owned(), version, known: ADOPTED_VERSION };
            IdentityFile::Unreadable { why, damaged }
        }
    })
}
