use std::path::Path;

use crate::{
    format::{identity::Identity, segment_header, segment_name},
    shared::segment::Segment,
    storage::{File, Storage},
    write::write_error::WriteError,
};

/// Puts an empty segment on disk; after that, frames in it may be acknowledged.
pub(crate) fn create(
    storage: &dyn Storage,
    directory: &Path,
    identity: &Identity,
    segment: &Segment,
) -> Result<Box<dyn File>, WriteError> {
    let temporary = segment_name::temporary(&segment.path);
    let prepare = || {
        let file = storage.create(&temporary)?;
        file.write_at(&segment_header::encode(identity, segment.before), 0)?;
        // Nothing else is in the file yet, so a sync that fails for want of room loses nothing.
        file.sync()?;
        storage.rename(&temporary, &segment.path)?;
        Ok(file)
    };
    let file = prepare().map_err(|error| {
        drop(storage.remove(&temporary));
        WriteError::of(error)
    })?;
    storage.sync_directory(directory).map_err(WriteError::Broken)?;
    Ok(file)
}
