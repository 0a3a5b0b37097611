use std::{ops::RangeInclusive, path::Path};

use crate::{
    error::OpenError,
    format::segment_header,
    fsck::{
        findings::{Damage, Missing, Tail},
        full_scan::{FullScan, ScannedSegment},
        resync::{Kind, Section},
    },
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

/// Reads every byte of the journal in `directory`, without changing it and without its lock.
///
/// `progress` is told after each segment how many bytes were read, and of how many. Takes memory for one segment.
///
/// # Errors
/// Every [`OpenError`] but [`OpenError::Locked`] and [`OpenError::Settings`]; [`OpenError::Damaged`] only for damage that
/// [`repair`](crate::repair()) can't mend: in both files of the identity, or where segments contradict each other.
pub fn verify(directory: &Path, progress: impl FnMut(u64, u64)) -> Result<Verification, OpenError> {
    verify_on(&Disk, directory, progress)
}

pub(crate) fn verify_on(
    storage: &dyn Storage,
    directory: &Path,
    mut progress: impl FnMut(u64, u64),
) -> Result<Verification, OpenError> {
    let mut scan = FullScan::begin(storage, directory)?;
    let damage = scan.found.unsound.iter().map(Damage::of_file).collect();
    let mut found = Verification { first: 1, damage, ..Verification::default() };
    while let Some(segment) = scan.advance()? {
        if found.segments == 0 {
            found.first = segment.before.position + 1;
        }
        found.segments += 1;
        found.bytes += to_u64(segment.bytes.len());
        found.last = segment.contents.last.position;
        found.damage.extend(segment.damage());
        found.tail = segment.tail();
        for section in &segment.contents.sections {
            match section.kind {
                Kind::Frames => found.frames += section.after.position - section.before.position,
                Kind::Gap => found.gaps.extend(section.positions().map(|positions| Missing {
                    file: segment.path.clone(),
                    offset: to_u64(section.bytes.start),
                    positions,
                })),
                Kind::Damage => {}
            }
        }
        progress(found.bytes, scan.bytes);
    }
    Ok(found)
}

impl Section {
    fn positions(&self) -> Option<RangeInclusive<u64>> {
        let (before, after) = (self.before.position, self.after.position);
        (after > before).then(|| before + 1..=after)
    }
}

impl ScannedSegment {
    /// The damaged places, in order.
    pub(crate) fn damage(&self) -> Vec<Damage> {
        let header = (!self.header).then(|| Damage {
            file: self.path.clone(),
            offset: 0,
            bytes: segment_header::END.min(to_u64(self.bytes.len())),
            positions: None,
        });
        let damaged = self.contents.sections.iter().filter(|section| section.kind == Kind::Damage);
        let places = damaged.map(|section| Damage {
            file: self.path.clone(),
            offset: to_u64(section.bytes.start),
            bytes: to_u64(section.bytes.len()),
            positions: section.positions(),
        });
        header.into_iter().chain(places).collect()
    }

    /// What stands behind everything that is trusted, but for zeros.
    pub(crate) fn tail(&self) -> Option<Tail> {
        let rest = self.bytes.get(self.contents.end..).unwrap_or_default();
        let bytes = to_u64(rest.iter().rposition(|byte| *byte != 0)?) + 1;
        Some(Tail { file: self.path.clone(), offset: to_u64(self.contents.end), bytes, synced: false })
    }
}
