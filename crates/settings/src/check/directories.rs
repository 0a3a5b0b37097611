use std::{
    os::unix::ffi::OsStrExt,
    path::{self, Component, PathBuf},
};

use kalends_value::{Misfit, Path};

use crate::{Settings, Sink};

/// Holds that the journal and each sink of files have a directory that no other reaches into.
pub(super) fn check(settings: &Settings, misfits: &mut Vec<Misfit>) {
    let journal = settings.journal.directory.as_path();
    let at = Path::keys(&["journal", "directory"]);
    let mut taken = Vec::new();
    match fault(journal, "the journal needs") {
        Some(message) => misfits.push((at, message)),
        None => taken.push((whereabouts(journal), "the journal".to_owned())),
    }
    for (name, sink) in &settings.sinks {
        let Sink::Files(files) = sink else { continue };
        let at = Path::keys(&["sinks", name, "directory"]);
        if let Some(message) = fault(&files.directory, "files need") {
            misfits.push((at, message));
            continue;
        }
        let here = whereabouts(&files.directory);
        if let Some(message) = taken.iter().find_map(|(there, owner)| clash(&here, there, owner)) {
            misfits.push((at, message));
        }
        taken.push((here, format!("sink `{name}`")));
    }
}

fn fault(directory: &path::Path, who_needs: &str) -> Option<String> {
    let bytes = directory.as_os_str().as_bytes();
    if bytes.is_empty() {
        return Some(format!("{who_needs} a directory; write its path"));
    }
    bytes.contains(&0).then(|| "a path has no NUL character; write another".to_owned())
}

fn clash(here: &path::Path, there: &path::Path, owner: &str) -> Option<String> {
    let how = if here == there {
        "is that"
    } else if here.starts_with(there) {
        "is inside that"
    } else if there.starts_with(here) {
        "has inside it that"
    } else {
        return None;
    };
    Some(format!("this directory {how} of {owner}; each needs its own"))
}

/// The directory's one name: without symbolic links and `..` as far as it exists, and beyond that as it is written.
fn whereabouts(directory: &path::Path) -> PathBuf {
    let whole = path::absolute(directory).unwrap_or_else(|_| directory.to_owned());
    let mut place = PathBuf::new();
    for part in whole.components() {
        match part {
            Component::ParentDir => drop(place.pop()),
            part => place.push(part),
        }
        if let Ok(real) = place.canonicalize() {
            place = real;
        }
    }
    place
}
