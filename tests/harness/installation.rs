//! A folder with a configuration, where a daemon can be started again and again.

use std::{
    cell::Cell,
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use anyhow::Context;
use tempfile::TempDir;

use crate::{
    daemon::Daemon,
    files::{self, Record},
};

const CONFIGURATION: &str = "kalends.yaml";

/// The program under test: `$KALENDS_BIN`, else the one that cargo built beside the running test.
///
/// # Errors
/// There is none.
pub fn program() -> anyhow::Result<PathBuf> {
    let beside = || Some(env::current_exe().ok()?.parent()?.parent()?.join("kalends"));
    let path = env::var_os("KALENDS_BIN").map(PathBuf::from).or_else(beside).unwrap_or_default();
    anyhow::ensure!(path.is_file(), "no program {}: build it first (cargo xtask test does)", path.display());
    Ok(path)
}

/// A temporary folder with a configuration; whatever the daemon writes by relative paths lands there.
/// The folder stays when a test fails.
#[derive(Debug)]
pub struct Installation {
    directory: Option<TempDir>,
    path: PathBuf,
    starts: Cell<u32>,
}

impl Installation {
    /// A new folder with this configuration.
    ///
    /// # Errors
    /// The folder or the file can't be written.
    pub fn new(configuration: &str) -> anyhow::Result<Self> {
        let directory = tempfile::Builder::new().prefix("kalends-").tempdir()?;
        let path = directory.path().to_owned();
        let installation = Self { directory: Some(directory), path, starts: Cell::new(0) };
        installation.configure(configuration)?;
        Ok(installation)
    }

    /// Replaces the configuration; a running daemon doesn't see it.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn configure(&self, configuration: &str) -> anyhow::Result<()> {
        fs::write(self.path(CONFIGURATION), configuration).context("can't write the configuration")
    }

    /// A path in the folder.
    #[must_use]
    pub fn path(&self, relative: &str) -> PathBuf {
        self.path.join(relative)
    }

    /// `kalends` with these arguments, to be run in the folder. The environment's own settings of kalends don't reach it.
    ///
    /// # Errors
    /// There is no program.
    pub fn command<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
    ) -> anyhow::Result<Command> {
        let mut command = Command::new(program()?);
        command.args(arguments).current_dir(&self.path).stdin(Stdio::null());
        for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("KALENDS__")) {
            command.env_remove(name);
        }
        Ok(command)
    }

    /// Runs `kalends` with these arguments to its end.
    ///
    /// # Errors
    /// It can't be started.
    pub fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> anyhow::Result<Output> {
        self.command(arguments)?.output().context("can't run kalends")
    }

    /// Starts the daemon and waits until it is ready.
    ///
    /// # Errors
    /// It can't be started or ends before it is ready.
    pub fn start(&self) -> anyhow::Result<Daemon> {
        self.start_as(self.command(["run", "--config", CONFIGURATION])?)
    }

    /// The same, under limits that these lines of bash set.
    ///
    /// # Errors
    /// It can't be started or ends before it is ready.
    pub fn start_under(&self, limits: &str) -> anyhow::Result<Daemon> {
        let mut command = Command::new("bash");
        command.args(["-c", &format!("{limits}; exec \"$0\" run --config {CONFIGURATION}")]);
        command.arg(program()?).current_dir(&self.path).stdin(Stdio::null());
        self.start_as(command)
    }

    fn start_as(&self, mut command: Command) -> anyhow::Result<Daemon> {
        self.starts.set(self.starts.get() + 1);
        let log = self.path(&format!("log-{:03}.jsonl", self.starts.get()));
        let mut daemon = Daemon::spawn(command.stdout(Stdio::null()), log)?;
        daemon.wait_until_ready()?;
        Ok(daemon)
    }

    /// Every record in the files sink's published files.
    ///
    /// # Errors
    /// A file can't be read as Avro.
    pub fn records(&self) -> anyhow::Result<Vec<Record>> {
        files::records_under(&self.path("events"))
    }

    /// Another installation with a copy of everything in this one.
    ///
    /// # Errors
    /// A file can't be copied.
    pub fn copy(&self) -> anyhow::Result<Self> {
        let copy = Self::new("")?;
        crate::tree::copy(&self.path, &copy.path)?;
        Ok(copy)
    }

    /// The installation's folder.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.path
    }
}

impl Drop for Installation {
    fn drop(&mut self) {
        if std::thread::panicking()
            && let Some(directory) = self.directory.take()
        {
            let _kept = directory.keep();
        }
    }
}
