use std::{
    ops::RangeInclusive,
    path::{Path, PathBuf},
};

use crate::{
    OpenError, Tail,
    examine::{Examination, Examined},
    identities::Unsound,
    salvage::{Kind, Stretch},
    segment,
    storage::{Disk, Storage, to_u64},
};

/// What is on disk of a journal, read to the last byte.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verification {
    /// Number of segments.
    pub segments: u64,
    /// Bytes of all segments.
    pub bytes: u64,
    /// Frames that are valid.
    pub frames: u64,
    /// The first position that is kept, there or missing; one more than `last` when there is none.
    pub first: u64,
    /// The last position, there or missing.
    pub last: u64,
    /// Gaps that earlier repairs have put on record. They are no damage.
    pub gaps: Vec<Missing>,
    /// Every damaged place, in order.
    pub damage: Vec<Damage>,
    /// What stands behind the last valid frame, if anything does. It is no damage: a write that a crash tore, which the
    /// next start sets aside; or one that is just going on.
    pub tail: Option<Tail>,
}

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

/// Reads every byte of the journal in `directory`, without changing it and without its lock.
///
/// `progress` is told after each segment how many bytes were read, and of how many. Takes memory for one segment.
///
/// # Errors
/// Every [`OpenError`] but [`OpenError::Locked`] and [`OpenError::Settings`]; [`OpenError::Damaged`] only for damage that
/// [`repair`](crate::repair) can't mend: in both files of the identity, or where segments contradict each other.
pub fn verify(directory: &Path, progress: impl FnMut(u64, u64)) -> Result<Verification, OpenError> {
    verify_on(&Disk, directory, progress)
}

pub(crate) fn verify_on(
    storage: &dyn Storage,
    directory: &Path,
    mut progress: impl FnMut(u64, u64),
) -> Result<Verification, OpenError> {
    let mut examination = Examination::begin(storage, directory)?;
    let damage = examination.found.unsound.iter().map(Damage::of_file).collect();
    let mut found = Verification { first: 1, damage, ..Verification::default() };
    while let Some(examined) = examination.advance()? {
        if found.segments == 0 {
            found.first = examined.before.position + 1;
        }
        found.segments += 1;
        found.bytes += to_u64(examined.bytes.len());
        found.last = examined.salvage.last.position;
        found.damage.extend(examined.damage());
        found.tail = examined.tail();
        for stretch in &examined.salvage.stretches {
            match stretch.kind {
                Kind::Frames => found.frames += stretch.after.position - stretch.before.position,
                Kind::Gap => found.gaps.extend(stretch.positions().map(|positions| Missing {
                    file: examined.path.clone(),
                    offset: to_u64(stretch.bytes.start),
                    positions,
                })),
                Kind::Damage => {}
            }
        }
        progress(found.bytes, examination.bytes);
    }
    Ok(found)
}

impl Damage {
    /// That of a file that is damaged or missing as a whole, and costs no frame.
    pub(crate) fn of_file(file: &Unsound) -> Self {
        Self { file: file.path.clone(), offset: 0, bytes: file.bytes, positions: None }
    }
}

impl Stretch {
    fn positions(&self) -> Option<RangeInclusive<u64>> {
        let (before, after) = (self.before.position, self.after.position);
        (after > before).then(|| before + 1..=after)
    }
}

impl Examined {
    /// The damaged places, in order.
    pub(crate) fn damage(&self) -> Vec<Damage> {
        let header = (!self.header).then(|| Damage {
            file: self.path.clone(),
            offset: 0,
            bytes: segment::HEADER_END.min(to_u64(self.bytes.len())),
            positions: None,
        });
        let damaged = self.salvage.stretches.iter().filter(|stretch| stretch.kind == Kind::Damage);
        let places = damaged.map(|stretch| Damage {
            file: self.path.clone(),
            offset: to_u64(stretch.bytes.start),
            bytes: to_u64(stretch.bytes.len()),
            positions: stretch.positions(),
        });
        header.into_iter().chain(places).collect()
    }

    /// What stands behind everything that is trusted, but for zeros.
    pub(crate) fn tail(&self) -> Option<Tail> {
        let rest = self.bytes.get(self.salvage.end..).unwrap_or_default();
        let bytes = to_u64(rest.iter().rposition(|byte| *byte != 0)?) + 1;
        Some(Tail { file: self.path.clone(), offset: to_u64(self.salvage.end), bytes, synced: false })
    }
}
