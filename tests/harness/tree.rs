//! Walking a folder.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// All files under `directory`, in order of their paths; none when it doesn't exist.
///
/// # Errors
/// A folder can't be read.
pub fn files_under(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    if directory.exists() {
        collect(directory, &mut files)?;
    }
    files.sort();
    Ok(files)
}

/// Copies all files under `from` to the same relative paths under `to`.
///
/// # Errors
/// A file or folder can't be read or written.
pub fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    for file in files_under(from)? {
        let target = to.join(file.strip_prefix(from)?);
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::copy(&file, target)?;
    }
    Ok(())
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), files)?;
        } else {
            files.push(entry.path());
        }
    }
    Ok(())
}
