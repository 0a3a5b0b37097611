//! Rotel, a collector of OpenTelemetry that others have made, which prints every span that it takes.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, anyhow};
use tempfile::TempDir;

use crate::{
    http::Connection,
    python::Python,
    wait::{PATIENCE, wait_until},
};

/// A Rotel that runs. It is killed when this is dropped.
#[derive(Debug)]
pub struct Rotel {
    child: Child,
    address: SocketAddr,
    log: PathBuf,
    _directory: TempDir,
}

impl Rotel {
    /// Starts one and waits until it answers; `None`, after one line on stderr, where it can't be had.
    ///
    /// # Errors
    /// It ends before it answers, again and again.
    pub fn start() -> anyhow::Result<Option<Self>> {
        let Some(python) = Python::with_rotel()? else { return Ok(None) };
        // It takes no port 0, and somebody else may take the one that was free.
        let mut tries = (0..5).map(|_| Self::try_start(&python));
        let started = tries.find(Result::is_ok).unwrap_or_else(|| Self::try_start(&python));
        started.map(Some)
    }

    fn try_start(python: &Python) -> anyhow::Result<Self> {
        let directory = tempfile::tempdir()?;
        let log = directory.path().join("log");
        let free = [TcpListener::bind("127.0.0.1:0")?, TcpListener::bind("127.0.0.1:0")?];
        let [address, unused] = [free[0].local_addr()?, free[1].local_addr()?];
        drop(free);
        let mut command = Command::new(python.path("rotel/rotel-agent"));
        command.args([
            "start",
            "--exporter=blackhole",
            "--debug-log=traces",
            "--debug-log-verbosity=detailed",
        ]);
        command.args([format!("--otlp-http-endpoint={address}"), format!("--otlp-grpc-endpoint={unused}")]);
        command.stdin(Stdio::null()).stdout(fs::File::create(&log)?).stderr(Stdio::null());
        let child = command.current_dir(directory.path()).spawn().context("can't start Rotel")?;
        let mut started = Self { child, address, log, _directory: directory };
        wait_until("Rotel to listen", PATIENCE, || {
            if let Some(status) = started.child.try_wait()? {
                return Ok(Some(Err(anyhow!("Rotel has ended with {status}: {}", started.said()?))));
            }
            Ok(Connection::open(address).ok().map(|_| Ok(())))
        })??;
        Ok(started)
    }

    /// Its base address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Everything that it has printed: each span's ids, name, kind, times and attributes, a line each.
    ///
    /// # Errors
    /// Its log can't be read.
    pub fn said(&self) -> anyhow::Result<String> {
        Ok(fs::read_to_string(&self.log)?)
    }
}

impl Drop for Rotel {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
