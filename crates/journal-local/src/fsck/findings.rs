use std::{ops::RangeInclusive, path::PathBuf};

use crate::recovery::identity_pair::UnsoundFile;

/// A gap that is on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The segment it stands in.
    pub file: PathBuf,
    /// Where it stands there, in bytes.
    pub offset: u64,
    /// The positions that are missing.
    pub positions: RangeInclusive<u64>,
}

/// A damaged place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The segment, or a file of the identity.
    pub file: PathBuf,
    /// Where the damage begins, in bytes.
    pub offset: u64,
    /// How many bytes can't be used; 0 where the segment breaks off, or the file is missing.
    pub bytes: u64,
    /// The positions that can't be read; `None` when every frame is there all the same.
    pub positions: Option<RangeInclusive<u64>>,
}

impl Damage {
    /// That of a file that is damaged or missing as a whole, and costs no frame.
    pub(crate) fn of_file(file: &UnsoundFile) -> Self {
        Self { file: file.path.clone(), offset: 0, bytes: file.bytes, positions: None }
    }
}

/// Bytes behind the last valid frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tail {
    /// The file they stand in.
    pub file: PathBuf,
    /// Where they begin.
    pub offset: u64,
    /// How many they are.
    pub bytes: u64,
    /// Whether a later header proves that they had been synced: then this is damage, and no tail that a crash tore.
    pub synced: bool,
}
