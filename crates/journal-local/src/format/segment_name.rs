use std::path::{Path, PathBuf};

/// What marks a file that is not complete yet, and is removed at the next start.
pub(crate) const TEMPORARY: &str = ".tmp";

/// The path of the segment whose first frame has position `first`.
pub(crate) fn path(directory: &Path, first: u64) -> PathBuf {
    directory.join(format!("{first:020}.log"))
}

/// The path under which a file is written before it is renamed to `path`.
pub(crate) fn temporary(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(TEMPORARY);
    name.into()
}

/// The first position of the segment with this file name; `None` for any other file.
pub(crate) fn parse(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".log")?;
    let valid = digits.len() == 20 && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| valid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_its_first_position() {
        for first in [1, 42, u64::MAX] {
            let path = path(Path::new("/journal"), first);
            assert_eq!(parse(path.file_name().unwrap().to_str().unwrap()), Some(first));
            assert_eq!(parse(temporary(&path).file_name().unwrap().to_str().unwrap()), None);
        }
    }

    #[test]
    fn other_files_are_no_segments() {
        for name in ["LOCK", "1.log", "+0000000000000000001.log", "99999999999999999999.log", ".log"] {
            assert_eq!(parse(name), None, "{name}");
        }
    }
}
