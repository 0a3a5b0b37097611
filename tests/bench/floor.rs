use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

use anyhow::Context as _;
use kalends_tests::http::Connection;
use tempfile::TempDir;

use crate::subject::Subject;

/// The yardstick, which stands beside this program.
pub(crate) struct Floor {
    child: Child,
    target: SocketAddr,
    _directory: TempDir,
}

impl Floor {
    /// # Errors
    /// It doesn't start.
    pub(crate) fn start(brokers: &str) -> anyhow::Result<Self> {
        let program = std::env::current_exe()?.with_file_name("kalends-floor");
        let directory = tempfile::Builder::new().prefix("kalends-floor-").tempdir()?;
        let mut command = Command::new(&program);
        command.arg(directory.path().join("log")).arg(brokers).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("can't start {}", program.display()))?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("no output")?).read_line(&mut line)?;
        let target = line.trim().parse().context("the floor has not said where it listens")?;
        Ok(Self { child, target, _directory: directory })
    }
}

impl Subject for Floor {
    fn target(&self) -> SocketAddr {
        self.target
    }

    fn pid(&self) -> u32 {
        self.child.id()
    }

    fn has_delivered(&self, events: u32) -> anyhow::Result<bool> {
        let answer = Connection::open(self.target)?.request("GET", "/", &[], b"")?;
        Ok(answer.text() == events.to_string())
    }
}

impl Drop for Floor {
    fn drop(&mut self) {
        // An error means that it has ended by itself.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
