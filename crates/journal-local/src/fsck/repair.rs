use std::{
    io,
    path::{Path, PathBuf},
};

use crate::{
    error::OpenError,
    format::{identity::Identity, segment_header, segment_name},
    fsck::{
        findings::Damage,
        full_scan::{FullScan, ScannedSegment},
        rebuild::rebuild,
        resync::{resync, same},
    },
    recovery::{directory_lock, quarantine},
    storage::{Disk, Storage, to_usize},
};

/// What a repair has done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Repair {
    /// The places that were damaged, in order, as they stood before.
    pub damage: Vec<Damage>,
    /// The files that now hold the bytes from there.
    pub set_aside: Vec<PathBuf>,
}

/// Makes a damaged journal whole again: sets damaged bytes aside, and puts on record which positions are missing.
///
/// Every undamaged frame keeps its position and its bytes. Whenever the process dies, another repair finishes the work.
/// Takes memory for two segments, and disk for one.
///
/// # Errors
/// Every [`OpenError`] but [`OpenError::Settings`]; [`OpenError::Damaged`] for damage that can't be repaired. What was repaired
/// before the error stays repaired.
pub fn repair(directory: &Path) -> Result<Repair, OpenError> {
    repair_on(&Disk, directory)
}

pub(crate) fn repair_on(storage: &dyn Storage, directory: &Path) -> Result<Repair, OpenError> {
    // Where there is no journal, no lock is left behind.
    drop(FullScan::begin(storage, directory)?);
    let _lock = directory_lock::lock(storage, directory)?;
    let mut scan = FullScan::begin(storage, directory)?;
    let found = &scan.found;
    let damage = found.unsound.iter().map(Damage::of_file).collect();
    let mut repair = Repair { damage, set_aside: found.restore(storage, directory)? };
    while let Some(segment) = scan.advance()? {
        let damage = segment.damage();
        if damage.is_empty() {
            continue;
        }
        for place in &damage {
            repair.set_aside.extend(keep(storage, directory, &segment, place.offset, place.bytes)?);
        }
        if let Some(tail) = segment.tail() {
            repair.set_aside.extend(keep(storage, directory, &segment, tail.offset, tail.bytes)?);
        }
        replace(storage, directory, &scan.found.identity, &segment)?;
        repair.damage.extend(damage);
    }
    Ok(repair)
}

fn keep(
    storage: &dyn Storage,
    directory: &Path,
    segment: &ScannedSegment,
    offset: u64,
    bytes: u64,
) -> Result<Option<PathBuf>, OpenError> {
    let start = to_usize(offset);
    let bytes = segment.bytes.get(start..start.saturating_add(to_usize(bytes))).unwrap_or_default();
    if bytes.is_empty() {
        return Ok(None);
    }
    let name = quarantine::name(segment.before.position + 1, offset);
    quarantine::keep(storage, directory, &name, bytes).map(Some)
}

/// Puts the segment's undamaged part in its place, in one step.
fn replace(
    storage: &dyn Storage,
    directory: &Path,
    identity: &Identity,
    segment: &ScannedSegment,
) -> Result<(), OpenError> {
    let ScannedSegment { path, before, contents, .. } = segment;
    let header = segment_header::encode(identity, *before);
    let bytes = rebuild(&header, &segment.bytes, identity.secret, contents);
    let next = segment.sealed.then_some(contents.last);
    let check = resync(&bytes, identity.secret, *before, next);
    let temporary = segment_name::temporary(path);
    let write = || {
        if !check.is_whole() || !same(check.last, contents.last) || check.end != bytes.len() {
            return Err(io::Error::other("what is left of it would not read back; nothing was changed"));
        }
        let file = storage.create(&temporary)?;
        file.write_at(&bytes, 0)?;
        file.sync()?;
        storage.rename(&temporary, path)?;
        storage.sync_directory(directory)
    };
    write().inspect_err(|_| drop(storage.remove(&temporary))).map_err(OpenError::io("repair", path))
}
