use std::{
    io,
    path::{Path, PathBuf},
};

use crate::{
    Damage, OpenError,
    examine::{Examination, Examined},
    identity::Identity,
    journal,
    salvage::{rebuild, salvage, same},
    segment, segment_name, set_aside,
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
    drop(Examination::begin(storage, directory)?);
    let _lock = journal::lock(storage, directory)?;
    let mut examination = Examination::begin(storage, directory)?;
    let found = &examination.found;
    let damage = found.unsound.iter().map(Damage::of_file).collect();
    let mut repair = Repair { damage, set_aside: found.restore(storage, directory)? };
    while let Some(examined) = examination.advance()? {
        let damage = examined.damage();
        if damage.is_empty() {
            continue;
        }
        for place in &damage {
            repair.set_aside.extend(keep(storage, directory, &examined, place.offset, place.bytes)?);
        }
        if let Some(tail) = examined.tail() {
            repair.set_aside.extend(keep(storage, directory, &examined, tail.offset, tail.bytes)?);
        }
        replace(storage, directory, &examination.found.identity, &examined)?;
        repair.damage.extend(damage);
    }
    Ok(repair)
}

fn keep(
    storage: &dyn Storage,
    directory: &Path,
    examined: &Examined,
    offset: u64,
    bytes: u64,
) -> Result<Option<PathBuf>, OpenError> {
    let start = to_usize(offset);
    let bytes = examined.bytes.get(start..start.saturating_add(to_usize(bytes))).unwrap_or_default();
    if bytes.is_empty() {
        return Ok(None);
    }
    let name = set_aside::name(examined.before.position + 1, offset);
    set_aside::create(storage, directory, &name, |file| file.write_at(bytes, 0)).map(Some)
}

/// Puts the segment's undamaged part in its place, in one step.
fn replace(
    storage: &dyn Storage,
    directory: &Path,
    identity: &Identity,
    examined: &Examined,
) -> Result<(), OpenError> {
    let Examined { path, before, salvage: salvaged, .. } = examined;
    let header = segment::encode_header(identity, *before);
    let bytes = rebuild(&header, &examined.bytes, identity.secret, salvaged);
    let next = examined.sealed.then_some(salvaged.last);
    let check = salvage(&bytes, identity.secret, *before, next);
    let write = || {
        if !check.is_whole() || !same(check.last, salvaged.last) || check.end != bytes.len() {
            return Err(io::Error::other("what is left of it would not read back; nothing was changed"));
        }
        let temporary = segment_name::temporary(path);
        let file = storage.create(&temporary)?;
        file.write_at(&bytes, 0)?;
        file.sync()?;
        storage.rename(&temporary, path)?;
        storage.sync_directory(directory)
    };
    write().map_err(OpenError::io("repair", path))
}
