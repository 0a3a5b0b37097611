//! TLS in front of a server that doesn't speak it, by OpenSSL, which wants a client's certificate.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
};

use anyhow::Context as _;

/// A gate that stands until this is dropped, or the test ends.
#[derive(Debug)]
pub struct TlsGate {
    child: Child,
    input: Option<ChildStdin>,
    port: u16,
}

impl TlsGate {
    /// Opens one before `behind` (`HOST:PORT`), which shows this certificate with its key and lets in who has one of the
    /// authority's; all are files in PEM.
    ///
    /// # Errors
    /// It can't be started, or refuses the files.
    pub fn open(certificate: &Path, key: &Path, authority: &Path, behind: &str) -> anyhow::Result<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("harness/tls_gate.py");
        let mut command = Command::new("python3");
        command.arg(script).args([certificate, key, authority]).arg(behind);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().context("can't start python3")?;
        let (input, output) = (child.stdin.take(), child.stdout.take().context("its output")?);
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let port = line.trim().parse().context("the gate has not opened")?;
        Ok(Self { child, input, port })
    }

    /// Where it stands, on 127.0.0.1.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for TlsGate {
    fn drop(&mut self) {
        self.input = None;
        self.child.wait().ok();
    }
}
