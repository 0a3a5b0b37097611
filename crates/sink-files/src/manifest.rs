use std::path::Path;

use kalends_sink::{Checkpoint, JournalId};
use serde::{Deserialize, Serialize};

use crate::{
    disk::Disk,
    error::Error,
    layout::{DAY_PREFIX, Layout},
};

const VERSION: u32 = 1;

/// The only one that a local journal has.
pub(crate) const SHARD: u32 = 0;

/// The commit: replacing its file commits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    version: u32,
    /// One of each journal that delivered here; the first journal's files have the plain names.
    checkpoints: Vec<Checkpoint>,
    /// The files of the last commit, published or about to be.
    pub(crate) publish: Vec<Publication>,
}

/// One file of a commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Publication {
    /// Name under `.kalends`.
    pub(crate) part: String,
    /// Path below the destination's directory, with `/` between its parts.
    pub(crate) file: String,
}

impl Manifest {
    /// Reads the manifest; `None` if nothing was ever delivered here.
    pub(crate) fn load<'a>(
        disk: &Disk,
        layout: &Layout,
        topics: impl Iterator<Item = &'a str>,
    ) -> Result<Option<Self>, Error> {
        let path = layout.manifest();
        if let Some(bytes) = disk.read_if_there(&path)? {
            return parse(&bytes, &path).map(Some);
        }
        for topic in topics {
            let folder = layout.topic(topic);
            let names = disk.list_if_there(&folder)?;
            let day = names.iter().find(|name| name.as_encoded_bytes().starts_with(DAY_PREFIX.as_bytes()));
            if let Some(day) = day {
                return Err(Error::ManifestGone { path, evidence: folder.join(day) });
            }
        }
        Ok(None)
    }

    /// The manifest of a destination that nothing was delivered to.
    pub(crate) const fn empty() -> Self {
        Self { version: VERSION, checkpoints: Vec::new(), publish: Vec::new() }
    }

    /// Replaces the manifest on disk, if `allowed` says so; durable when this returns.
    ///
    /// `allowed` is asked before anything is written, since it may be another process's by now, and again when
    /// nothing but the rename is left.
    pub(crate) fn store(
        &self,
        disk: &Disk,
        layout: &Layout,
        allowed: impl Fn() -> Result<(), Error>,
    ) -> Result<(), Error> {
        let (path, next) = (layout.manifest(), layout.next_manifest());
        let json = self.json(&next)?;
        allowed()?;
        let mut file = disk.create_anew(&next)?;
        disk.write(&mut file, &next, &json)?;
        disk.sync(&file, &next)?;
        allowed()?;
        disk.rename(&next, &path)?;
        disk.sync_directory(&layout.hidden())
    }

    /// Refuses to go on when the manifest on disk is not this one, as it was stored.
    pub(crate) fn check(&self, disk: &Disk, layout: &Layout) -> Result<(), Error> {
        let path = layout.manifest();
        if disk.read_if_there(&path)? == Some(self.json(&path)?) {
            return Ok(());
        }
        Err(Error::Disturbed { path, found: "is not as it was stored by the last commit" })
    }

    fn json(&self, path: &Path) -> Result<Vec<u8>, Error> {
        let problem =
            |error: serde_json::Error| Error::Manifest { path: path.to_owned(), problem: error.to_string() };
        serde_json::to_vec_pretty(self).map_err(problem)
    }

    pub(crate) fn checkpoint(&self, journal: JournalId) -> Option<Checkpoint> {
        self.checkpoints.iter().find(|checkpoint| checkpoint.journal == journal).copied()
    }

    /// The manifest after a commit.
    pub(crate) fn after(&self, checkpoint: Checkpoint, publish: Vec<Publication>) -> Self {
        let mut checkpoints = self.checkpoints.clone();
        match checkpoints.iter_mut().find(|known| known.journal == checkpoint.journal) {
            Some(known) => *known = checkpoint,
            None => checkpoints.push(checkpoint),
        }
        Self { version: VERSION, checkpoints, publish }
    }

    /// The journal, if its files need its identity in their names because another journal was here first.
    pub(crate) fn foreign_journal(&self, journal: JournalId) -> Option<JournalId> {
        let first = self.checkpoints.first()?;
        (first.journal != journal).then_some(journal)
    }
}

fn parse(bytes: &[u8], path: &Path) -> Result<Manifest, Error> {
    let problem = |problem: String| Error::Manifest { path: path.to_owned(), problem };
    let value: serde_json::Value =
        serde_json::from_slice(bytes).map_err(|error| problem(error.to_string()))?;
    match value.get("version").and_then(serde_json::Value::as_u64) {
        Some(version) if version == u64::from(VERSION) => {}
        Some(version) if version > u64::from(VERSION) => {
            return Err(problem(
                "it was written by a newer kalends, which alone can go on with it".to_owned(),
            ));
        }
        _ => return Err(problem(format!("its version is not {VERSION}"))),
    }
    let manifest: Manifest = serde_json::from_value(value).map_err(|error| problem(error.to_string()))?;
    match manifest.checkpoints.iter().find(|checkpoint| checkpoint.shard != SHARD) {
        None => Ok(manifest),
        Some(other) => Err(problem(format!(
            "it names shard {} of journal {}, where there is shard {SHARD} alone",
            other.shard, other.journal
        ))),
    }
}
