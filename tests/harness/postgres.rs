//! A real PostgreSQL for the length of a test binary.

use std::process::{self, Command};

use anyhow::{Context as _, ensure};
use serde_json::Value;

use crate::service::{self, Guard};

/// A server of its own on loopback, wiped when the process that started it ends, however it ends.
#[derive(Debug)]
pub struct Postgres {
    url: String,
    _guard: Guard,
}

impl Postgres {
    /// Starts a server with an empty database; `None`, after one line on stderr, where PostgreSQL is not installed.
    ///
    /// # Errors
    /// It doesn't start under `CI=true`.
    pub fn start(purpose: &str) -> anyhow::Result<Option<Self>> {
        let name = format!("{purpose}.postgres-{}", process::id());
        let guard = Guard::new("pg-down.sh", &name)?;
        match service::run("pg-up.sh", &["--name", &name]) {
            Ok(url) => Ok(Some(Self { url, _guard: guard })),
            Err(missing) => service::skip("PostgreSQL", &missing).map(|()| None),
        }
    }

    /// Where it listens, and its database: `127.0.0.1:PORT/NAME`. Everybody who connects from this machine is trusted.
    #[must_use]
    pub fn place(&self) -> &str {
        self.url.rsplit('@').next().unwrap_or_default()
    }

    /// Runs a statement.
    ///
    /// # Errors
    /// The server refuses the statement; the error has what it said.
    pub fn execute(&self, statement: &str) -> anyhow::Result<()> {
        let output = Command::new("psql").args([&self.url, "-X", "-q", "-c", statement]).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{statement}\n{}", said.trim());
        Ok(())
    }

    /// The rows of a query, each as a JSON object.
    ///
    /// # Errors
    /// The server refuses the query; the error has what it said.
    pub fn rows(&self, query: &str) -> anyhow::Result<Vec<Value>> {
        let query = query.trim().trim_end_matches(';');
        let wrapped = format!("select coalesce(json_agg(each), '[]') from ({query}\n) as each");
        let output = Command::new("psql").args([&self.url, "-X", "-A", "-t", "-c", &wrapped]).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{query}\n{}", said.trim());
        serde_json::from_slice(&output.stdout).context("psql prints JSON")
    }
}
