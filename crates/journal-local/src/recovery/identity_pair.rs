//! The identity stands in two files: what is lost of one of them is restored from the other.

use std::path::{Path, PathBuf};

use crate::{
    error::OpenError,
    format::{
        block_marker::{self, BlockMarker},
        identity::{self, Identity, IdentityFile},
        segment_header, segment_name,
    },
    recovery::quarantine,
    storage::{Storage, fill_at, read_exact_at, to_usize},
};

/// The identity, as far as its files go.
#[derive(Debug)]
pub(crate) struct FoundIdentity {
    pub(crate) identity: Identity,
    /// The files that don't hold it, though they should.
    pub(crate) unsound: Vec<UnsoundFile>,
}

/// A file that does not hold the identity.
#[derive(Debug)]
pub(crate) struct UnsoundFile {
    name: &'static str,
    pub(crate) path: PathBuf,
    /// Its length; 0 when it is missing.
    pub(crate) bytes: u64,
}

/// The identity of the journal whose segments begin at `firsts`, for the one who writes; `None` where there is no journal yet.
///
/// # Errors
/// One of its files contradicts the other, or the first one doesn't hold it.
pub(crate) fn required(
    storage: &dyn Storage,
    directory: &Path,
    firsts: &[u64],
) -> Result<Option<Identity>, OpenError> {
    let (own, copy) = (directory.join(identity::FILE), directory.join(identity::COPY));
    match (identity::read(storage, &own)?, identity::read(storage, &copy)?) {
        // An adoption died before it had written the copy, which is made anew by the start.
        (IdentityFile::Sound(identity), IdentityFile::Sound(other)) if identity.succeeds(&other) => {
            Ok(Some(identity))
        }
        (IdentityFile::Sound(identity), IdentityFile::Sound(other)) if identity != other => {
            Err(OpenError::damaged(&copy, 0, "it is the identity of another journal than journal.id"))
        }
        (IdentityFile::Sound(_), IdentityFile::Unreadable { why, damaged: false })
        | (IdentityFile::Unreadable { why, .. }, _) => Err(why),
        (IdentityFile::Sound(identity), _) => Ok(Some(identity)),
        (IdentityFile::Missing, IdentityFile::Missing) if is_new(storage, directory, firsts)? => Ok(None),
        (IdentityFile::Missing, _) => {
            Err(OpenError::IdentityMissing { directory: directory.to_owned(), file: own })
        }
    }
}

/// The same for those who only look or repair: what the segments bear out, whichever file it stands in.
///
/// # Errors
/// Neither file holds it.
pub(crate) fn found(
    storage: &dyn Storage,
    directory: &Path,
    firsts: &[u64],
) -> Result<Option<FoundIdentity>, OpenError> {
    let (own, copy) = (directory.join(identity::FILE), directory.join(identity::COPY));
    let unsound = |name, path| -> Result<_, OpenError> { Ok(vec![UnsoundFile::look(storage, name, path)?]) };
    let evidence = |identity: &Identity| evidence(storage, directory, firsts, identity);
    let found = match (identity::read(storage, &own)?, identity::read(storage, &copy)?) {
        (IdentityFile::Sound(identity), IdentityFile::Sound(other))
            if identity != other && !identity.succeeds(&other) =>
        {
            if evidence(&other)? > evidence(&identity)? {
                FoundIdentity { identity: other, unsound: unsound(identity::FILE, own)? }
            } else {
                FoundIdentity { identity, unsound: unsound(identity::COPY, copy)? }
            }
        }
        (IdentityFile::Sound(identity), IdentityFile::Unreadable { damaged: true, .. }) => {
            FoundIdentity { identity, unsound: unsound(identity::COPY, copy)? }
        }
        (
            IdentityFile::Missing | IdentityFile::Unreadable { damaged: true, .. },
            IdentityFile::Sound(identity),
        ) if evidence(&identity)? > 0 => FoundIdentity { identity, unsound: unsound(identity::FILE, own)? },
        _ => {
            let identity = required(storage, directory, firsts)?;
            return Ok(identity.map(|identity| FoundIdentity { identity, unsound: Vec::new() }));
        }
    };
    Ok(Some(found))
}

/// Puts a new journal's identity on disk. Its first segment stands there already: an identity without a segment is a
/// journal whose segments were taken away. So is a copy without an identity, which is why it comes last.
pub(crate) fn store(identity: &Identity, storage: &dyn Storage, directory: &Path) -> Result<(), OpenError> {
    identity.store(storage, directory, identity::FILE)?;
    identity.store(storage, directory, identity::COPY)
}

/// Makes the copy of an identity that the segments have borne out, unless there is one.
pub(crate) fn keep_copy(
    identity: &Identity,
    storage: &dyn Storage,
    directory: &Path,
) -> Result<(), OpenError> {
    let path = directory.join(identity::COPY);
    let held = identity::read(storage, &path)?;
    if matches!(&held, IdentityFile::Sound(copied) if copied == identity) {
        return Ok(());
    }
    if let IdentityFile::Unreadable { why, .. } = held {
        tracing::warn!(copy = %path.display(), %why, "the copy of the journal's identity is damaged and is written anew");
    }
    identity.store(storage, directory, identity::COPY)
}

impl FoundIdentity {
    /// Writes the identity into the files that don't hold it. Returns where the bytes are that stood there.
    pub(crate) fn restore(&self, storage: &dyn Storage, directory: &Path) -> Result<Vec<PathBuf>, OpenError> {
        let mut aside = Vec::new();
        for UnsoundFile { name, path, bytes } in &self.unsound {
            if *bytes > 0 {
                let file = storage.open(path).map_err(OpenError::io("open", path))?;
                let mut content = vec![0; to_usize(*bytes)];
                read_exact_at(&*file, &mut content, 0).map_err(OpenError::io("read", path))?;
                aside.push(quarantine::keep(storage, directory, name, &content)?);
            }
            self.identity.store(storage, directory, name)?;
        }
        Ok(aside)
    }
}

impl UnsoundFile {
    fn look(storage: &dyn Storage, name: &'static str, path: PathBuf) -> Result<Self, OpenError> {
        let bytes = match storage.open(&path) {
            Ok(file) => file.length().map_err(OpenError::io("read", &path))?,
            Err(_) => 0,
        };
        Ok(Self { name, path, bytes })
    }
}

/// How often the segments show that they are of the journal with this identity; never, when one is of another.
fn evidence(
    storage: &dyn Storage,
    directory: &Path,
    firsts: &[u64],
    identity: &Identity,
) -> Result<usize, OpenError> {
    let mut count = 0;
    for &first in firsts {
        let path = segment_name::path(directory, first);
        let file = storage.open(&path).map_err(OpenError::io("open", &path))?;
        match segment_header::read(&*file, &path, identity, first) {
            Ok(_) => count += 1,
            Err(OpenError::Foreign { .. }) => return Ok(0),
            // Damaged, and so no witness.
            Err(_) => {}
        }
        let mut bytes = [0; block_marker::MAX_BYTES];
        fill_at(&*file, &mut bytes, segment_header::END).map_err(OpenError::io("read", &path))?;
        // Only who knows the secret has written it.
        count += usize::from(BlockMarker::decode(&bytes, identity.secret, segment_header::END).is_some());
    }
    Ok(count)
}

/// Whether there is nothing, or what a crash left of a journal's first start: one that nothing was ever written to.
fn is_new(storage: &dyn Storage, directory: &Path, firsts: &[u64]) -> Result<bool, OpenError> {
    let path = segment_name::path(directory, 1);
    let length = || storage.open(&path)?.length();
    Ok(match firsts {
        [] => true,
        [1] => length().map_err(OpenError::io("read", &path))? <= segment_header::END,
        _ => false,
    })
}
