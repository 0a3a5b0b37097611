use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context;

use super::mutation::Mutation;
use crate::workspace;

/// A copy of the workspace, to be broken, with a target folder of its own.
pub(crate) struct Tree {
    root: PathBuf,
    target: PathBuf,
}

/// A file that is broken just now.
pub(crate) struct Broken {
    path: PathBuf,
    whole: String,
}

impl Tree {
    /// Copies every file that git knows or would take.
    ///
    /// # Errors
    /// git can't be asked, or a file not be copied.
    pub(crate) fn copy() -> anyhow::Result<Self> {
        let place = workspace::root().join("target/mutants");
        let tree = Self { root: place.join("tree"), target: place.join("target") };
        let mut git = Command::new("git");
        git.current_dir(workspace::root());
        let listed = git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).output();
        let listed = String::from_utf8(listed.context("can't start git")?.stdout)?;
        for name in listed.split_terminator('\0') {
            copy(&workspace::root().join(name), &tree.root.join(name)).with_context(|| name.to_owned())?;
        }
        Ok(tree)
    }

    /// Breaks one file; `None` when what is to be taken out does not stand there once, so that something else would break.
    ///
    /// # Errors
    /// It can't be read or written.
    pub(crate) fn mutate(&self, mutation: &Mutation) -> anyhow::Result<Option<Broken>> {
        let path = self.root.join(&mutation.file);
        let whole = fs::read_to_string(&path).with_context(|| mutation.file.clone())?;
        let Some(broken) = mutation.of(&whole) else { return Ok(None) };
        fs::write(&path, broken)?;
        Ok(Some(Broken { path, whole }))
    }

    /// `cargo` for this tree.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = workspace::cargo();
        self.settle(&mut command);
        command
    }

    /// Lets a command that runs `cargo` do it for this tree.
    pub(crate) fn settle(&self, command: &mut Command) {
        command.current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target);
        command.env("KALENDS_BIN", self.target.join("debug/kalends"));
    }
}

impl Broken {
    /// Makes the file whole again.
    ///
    /// # Errors
    /// It can't be written.
    pub(crate) fn restore(self) -> anyhow::Result<()> {
        fs::write(&self.path, self.whole).with_context(|| self.path.display().to_string())
    }
}

/// Leaves alone what is the same already: cargo goes by the time a file was written.
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    // Listed, and deleted since.
    let Ok(bytes) = fs::read(from) else { return Ok(()) };
    if fs::read(to).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    fs::create_dir_all(to.parent().context("no folder")?)?;
    fs::copy(from, to)?;
    // The time of the copy, not that of the original.
    fs::write(to, bytes)?;
    Ok(())
}
