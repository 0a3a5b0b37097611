use std::{
    collections::{BTreeMap, BTreeSet},
    os::unix::ffi::OsStrExt,
    path::{self, Component, PathBuf},
};

use kalends_normalise::Plan;
use kalends_sink::{Claim, Scope};
use kalends_value::{Misfit, Path};

use crate::{Settings, altered_fields, record_names};

/// Holds that the journal and each sink have what they need for themselves: a directory that no other reaches into, and topics and the
/// like where no event stands twice.
pub(super) fn check(settings: &Settings, plan: Option<&Plan>, misfits: &mut Vec<Misfit>) {
    let mut taken = Taken::default();
    let journal = settings.journal.directory.as_path();
    match fault(journal) {
        Some(message) => misfits.push((Path::keys(&["journal", "directory"]), message)),
        None => taken.directories.push((whereabouts(journal), "the journal".to_owned())),
    }
    for (name, sink) in &settings.sinks {
        let records = plan.map(|plan| record_names(plan, Some(sink)));
        let altered = plan.map(|plan| altered_fields(plan, sink)).unwrap_or_default();
        let scope = Scope { sink: name, records: records.as_deref(), altered: &altered };
        let claims = sink.own.claims(&scope);
        let at = Path::keys(&["sinks", name]);
        let told = taken.claim(name, claims).into_iter();
        misfits.extend(told.map(|(path, message)| (at.join(&path), message)));
    }
}

/// The claims so far, and who made them.
#[derive(Default)]
struct Taken {
    directories: Vec<(PathBuf, String)>,
    names: BTreeMap<String, String>,
}

impl Taken {
    /// Takes what a sink claims. Of two sinks with several equal names, one is told.
    fn claim(&mut self, sink: &str, claims: Vec<Claim>) -> Vec<Misfit> {
        let (mut misfits, mut told) = (Vec::new(), BTreeSet::new());
        for claim in claims {
            match claim {
                Claim::Directory { at, directory } => {
                    let here = whereabouts(&directory);
                    let clash = self.directories.iter().find_map(|(there, owner)| clash(&here, there, owner));
                    misfits.extend(clash.map(|message| (at, message)));
                    self.directories.push((here, format!("sink `{sink}`")));
                }
                Claim::Name { at, name, shown, advice } => match self.names.get(&name) {
                    None => drop(self.names.insert(name, sink.to_owned())),
                    Some(owner) if told.insert(owner.clone()) => misfits.push((
                        at,
                        format!("sink `{owner}` writes to {shown}, too, where each event would stand twice; {advice}"),
                    )),
                    Some(_) => {}
                },
            }
        }
        misfits
    }
}

fn fault(directory: &path::Path) -> Option<String> {
    let bytes = directory.as_os_str().as_bytes();
    if bytes.is_empty() {
        return Some("the journal needs a directory; write its path".to_owned());
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
