//! Small files that are replaced as a whole, so that whenever the power goes, there is the old one or the new one; and lists that
//! are only added to. Knows nobody.

use std::{
    fs::{self, File, OpenOptions, Permissions},
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
};

use serde::{Serialize, de::DeserializeOwned};

/// Whoever may use the directory may read what is in it, such as a daemon the order of an operator; its owner alone may write it.
const MODE: u32 = 0o644;

/// The mode of a file with personal data: for its owner and the owner's group alone.
const PRIVATE_MODE: u32 = 0o640;

/// What stands in a file; `None` when there is none.
///
/// # Errors
/// It is there and can't be read.
pub fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// What stands in a file as JSON; `None` when there is none.
///
/// # Errors
/// It is there and can't be read, or is something else.
pub fn read_json<T: DeserializeOwned>(path: &Path) -> io::Result<Option<T>> {
    let bytes = read(path)?;
    Ok(bytes.map(|bytes| serde_json::from_slice(&bytes)).transpose()?)
}

/// Has `value` stand in a file as JSON, as [`replace`] does.
///
/// # Errors
/// Those of [`replace`]; or it can't be written as JSON.
pub fn replace_json(path: &Path, value: &impl Serialize) -> io::Result<()> {
    replace(path, &serde_json::to_vec(value)?)
}

/// Has `bytes` stand in a file, whether there is one or not, and makes its directory. Durable when this returns.
///
/// # Errors
/// It can't be written; then the old one is there, or it is not known whether the new one is durable.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace_as(path, bytes, MODE)
}

/// As [`replace`], of a file with personal data, which the owner and the owner's group alone may read.
///
/// # Errors
/// Those of [`replace`].
pub fn replace_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace_as(path, bytes, PRIVATE_MODE)
}

fn replace_as(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    create_directory(directory(path))?;
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".tmp");
    // Not followed, if somebody put a link there.
    remove(Path::new(&temporary))?;
    let mut file = OpenOptions::new().write(true).create_new(true).open(&temporary)?;
    // Whatever the umask of an operator who gives an order: the daemon has to read it.
    file.set_permissions(Permissions::from_mode(mode))?;
    file.write_all(bytes)?;
    // Before its name is another's: a name without its bytes would be neither the old one nor the new one.
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    sync_directory(path)
}

/// Adds `bytes` to the end of a file, and makes it if there is none. Durable when this returns.
///
/// # Errors
/// It can't be written; then any part of `bytes` may stand there.
pub fn append(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).create(true).mode(MODE).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    // Each time: who made the file may have died before its name was durable.
    sync_directory(path)
}

/// Removes a file, if it is there. Durable when this returns.
///
/// # Errors
/// It can't be removed, or it is not known whether it will be there again after a power cut.
pub fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Ok(()) => sync_directory(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Keeps others that take the lock of this directory waiting until the answer is dropped. Where nobody can lock, nobody waits.
///
/// # Errors
/// The directory can't be opened, or its lock can't be taken.
pub fn lock(directory: &Path) -> io::Result<File> {
    let directory = File::open(directory)?;
    match directory.lock() {
        Err(error) if error.kind() != io::ErrorKind::Unsupported => Err(error),
        _ => Ok(directory),
    }
}

/// Makes a directory and those above it. Each one's name is synced, or a power cut could take it with all that is in it.
fn create_directory(path: &Path) -> io::Result<()> {
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    create_directory(directory(path))?;
    match fs::create_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists || !path.is_dir() => Err(error),
        _ => sync_directory(path),
    }
}

fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(directory(path))?.sync_all()
}

/// Where a path's last name stands: its parent, or the working directory.
fn directory(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_last_is_read() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("sinks/kafka.json");
        assert_eq!(read(&path).unwrap(), None);
        for bytes in [&b"a long one"[..], b"short"] {
            replace(&path, bytes).unwrap();
            assert_eq!(read(&path).unwrap().unwrap(), bytes);
        }
        assert_eq!(fs::read_dir(place.path().join("sinks")).unwrap().count(), 1, "nothing else is left");
        remove(&path).unwrap();
        remove(&path).unwrap();
        assert_eq!(read(&path).unwrap(), None);
    }

    #[test]
    fn what_an_earlier_process_left_unfinished_is_no_obstacle() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("a");
        fs::write(place.path().join("a.tmp"), "something longer than the new one").unwrap();
        replace(&path, b"new").unwrap();
        assert_eq!(read(&path).unwrap().unwrap(), b"new");
    }

    #[test]
    fn a_link_in_the_way_is_replaced_and_not_followed_and_others_may_read_the_file() {
        let place = tempfile::tempdir().unwrap();
        let [path, temporary, other] = ["a", "a.tmp", "other"].map(|name| place.path().join(name));
        fs::write(&other, "untouched").unwrap();
        std::os::unix::fs::symlink(&other, &temporary).unwrap();
        replace(&path, b"new").unwrap();
        assert_eq!(fs::read(&other).unwrap(), b"untouched");
        assert_eq!(fs::symlink_metadata(&path).unwrap().permissions().mode() & 0o777, MODE);
    }

    #[test]
    fn what_is_added_stands_behind_what_was_there() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("a");
        append(&path, b"one\n").unwrap();
        append(&path, b"two\n").unwrap();
        assert_eq!(read(&path).unwrap().unwrap(), b"one\ntwo\n");
    }

    #[test]
    fn what_can_not_be_read_is_not_taken_for_nothing() {
        let place = tempfile::tempdir().unwrap();
        assert!(read(place.path()).is_err());
        let path = place.path().join("a.json");
        replace(&path, b"{").unwrap();
        assert!(read_json::<u64>(&path).is_err());
        replace_json(&path, &7_u64).unwrap();
        assert_eq!(read_json(&path).unwrap(), Some(7_u64));
        assert!(replace(place.path(), b"").is_err());
    }
}
