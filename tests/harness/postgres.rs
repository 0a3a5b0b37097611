//! A real PostgreSQL for the length of a test binary.

use std::process::{self, Command};

use anyhow::{Context as _, ensure};
use serde_json::Value;

use crate::service::{self, Guard};

/// A server of its own on loopback, wiped when the process that started it ends, however it ends.
#[derive(Debug)]
pub struct Postgres {
    name: String,
    options: Vec<String>,
    url: String,
    _guard: Guard,
}

impl Postgres {
    /// Starts a server with an empty database; `None`, after one line on stderr, where PostgreSQL is not installed.
    ///
    /// # Errors
    /// It doesn't start under `CI=true`.
    pub fn start(purpose: &str) -> anyhow::Result<Option<Self>> {
        Self::start_with(purpose, &[])
    }

    /// The same with these options of `pg-up.sh`.
    ///
    /// # Errors
    /// As [`Postgres::start`].
    pub fn start_with(purpose: &str, options: &[&str]) -> anyhow::Result<Option<Self>> {
        let name = format!("{purpose}.postgres-{}", process::id());
        let guard = Guard::new("pg-down.sh", &name)?;
        let options: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
        match up(&name, &options) {
            Ok(url) => Ok(Some(Self { name, options, url, _guard: guard })),
            Err(missing) => service::skip("PostgreSQL", &missing).map(|()| None),
        }
    }

    /// A hot standby that streams from this server.
    ///
    /// # Errors
    /// As [`Postgres::start`].
    pub fn standby(&self, purpose: &str) -> anyhow::Result<Option<Self>> {
        Self::start_with(purpose, &["--standby-of", &self.name])
    }

    /// Where it listens, and its database: `127.0.0.1:PORT/NAME`. Everybody who connects from this machine is trusted.
    #[must_use]
    pub fn place(&self) -> &str {
        self.url.rsplit('@').next().unwrap_or_default()
    }

    /// Where it listens: `127.0.0.1:PORT`.
    #[must_use]
    pub fn address(&self) -> &str {
        self.place().split('/').next().unwrap_or_default()
    }

    /// Ends it as a crash would.
    ///
    /// # Errors
    /// The script fails.
    pub fn kill(&self) -> anyhow::Result<()> {
        service::run("pg-down.sh", &["--name", &self.name, "--kill"]).map(drop)
    }

    /// Starts it again, at the same place.
    ///
    /// # Errors
    /// It doesn't start.
    pub fn restart(&self) -> anyhow::Result<()> {
        up(&self.name, &self.options).map(drop)
    }

    /// Makes a base backup, beside whoever writes.
    ///
    /// # Errors
    /// The script fails.
    pub fn back_up(&self) -> anyhow::Result<()> {
        service::run("pg-backup.sh", &["--name", &self.name]).map(drop)
    }

    /// Ends it, puts the last base backup in the place of its data, and starts it again.
    ///
    /// # Errors
    /// A script fails.
    pub fn put_back(&self) -> anyhow::Result<()> {
        self.kill()?;
        service::run("pg-backup.sh", &["--name", &self.name, "--put-back"])?;
        self.restart()
    }

    /// Starts a pgbouncer in transaction mode in front of it.
    ///
    /// # Errors
    /// As [`Postgres::start`].
    pub fn pooler(&self) -> anyhow::Result<Option<Pooler>> {
        let name = format!("{}.pooler", self.name);
        let guard = Guard::new("pgbouncer-down.sh", &name)?;
        match service::run("pgbouncer-up.sh", &["--name", &name, "--of", &self.name]) {
            Ok(url) => Ok(Some(Pooler { name, of: self.name.clone(), url, _guard: guard })),
            Err(missing) => service::skip("pgbouncer", &missing).map(|()| None),
        }
    }

    /// Runs statements; returns the rows of the last, columns separated by `|`.
    ///
    /// # Errors
    /// The server refuses one; the error has what it said.
    pub fn sql(&self, statements: &str) -> anyhow::Result<String> {
        let output = self.psql(statements).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{statements}\n{}", said.trim());
        Ok(String::from_utf8(output.stdout)?.trim_end().to_owned())
    }

    /// A psql that runs statements, not started yet.
    #[must_use]
    pub fn psql(&self, statements: &str) -> Command {
        let mut command = Command::new("psql");
        command.args([&self.url, "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-c", statements]);
        command
    }

    /// The rows of a query, each as a JSON object.
    ///
    /// # Errors
    /// The server refuses the query; the error has what it said.
    pub fn rows(&self, query: &str) -> anyhow::Result<Vec<Value>> {
        let query = query.trim().trim_end_matches(';');
        let wrapped = format!("select coalesce(json_agg(each), '[]') from ({query}\n) as each");
        serde_json::from_str(&self.sql(&wrapped)?).context("psql prints JSON")
    }
}

fn up(name: &str, options: &[String]) -> anyhow::Result<String> {
    let options = options.iter().map(String::as_str);
    service::run("pg-up.sh", &["--name", name].into_iter().chain(options).collect::<Vec<_>>())
}

/// A pgbouncer, wiped when the process that started it ends.
#[derive(Debug)]
pub struct Pooler {
    name: String,
    of: String,
    url: String,
    _guard: Guard,
}

impl Pooler {
    /// Where it listens, and its database: `127.0.0.1:PORT/NAME`.
    #[must_use]
    pub fn place(&self) -> &str {
        self.url.rsplit('@').next().unwrap_or_default()
    }

    /// Ends it as a crash would.
    ///
    /// # Errors
    /// The script fails.
    pub fn kill(&self) -> anyhow::Result<()> {
        service::run("pgbouncer-down.sh", &["--name", &self.name, "--kill"]).map(drop)
    }

    /// Starts it again, at the same place.
    ///
    /// # Errors
    /// It doesn't start.
    pub fn restart(&self) -> anyhow::Result<()> {
        service::run("pgbouncer-up.sh", &["--name", &self.name, "--of", &self.of]).map(drop)
    }
}
