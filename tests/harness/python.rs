//! Python with the Avro libraries that readers of records use, fetched into the cache once.

use std::{
    env, fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::{self, Command},
    sync::LazyLock,
};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

const LIBRARIES: [&str; 2] = ["fastavro==1.13.1", "avro==1.12.2"];

/// A Python interpreter that finds the libraries.
#[derive(Debug)]
pub struct Python {
    libraries: PathBuf,
}

impl Python {
    /// Fetches the libraries unless they are in the cache; `None`, after one line on stderr, where that can't be done.
    ///
    /// # Errors
    /// They can't be had under `CI=true`.
    pub fn with_avro() -> anyhow::Result<Option<Self>> {
        // Once a process: tests of one binary run side by side.
        static FETCHED: LazyLock<Result<PathBuf, String>> =
            LazyLock::new(|| fetch().map_err(|missing| format!("{missing:#}")));
        match &*FETCHED {
            Ok(libraries) => Ok(Some(Self { libraries: libraries.clone() })),
            Err(missing) if env::var("CI").is_ok_and(|value| value == "true") => {
                bail!("tests with Python's Avro libraries must run here, and can't: {missing}")
            }
            Err(missing) => {
                // Written past the test runner, which keeps what passing tests print to itself.
                writeln!(io::stderr(), "SKIPPED, needs Python's Avro libraries: {missing}")?;
                Ok(None)
            }
        }
    }

    /// Every record of these Avro object container files, in their order, as `library` (`fastavro` or `avro`) reads it.
    ///
    /// # Errors
    /// The library refuses a file.
    pub fn records(&self, library: &str, files: &[PathBuf]) -> anyhow::Result<Vec<Value>> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("harness/read_avro.py");
        let mut command = Command::new("python3");
        command.arg(script).arg(library).args(files).env("PYTHONPATH", &self.libraries);
        let said = output(&mut command)?;
        said.lines().map(|line| serde_json::from_str(line).context("read_avro.py prints JSON")).collect()
    }
}

/// Where the libraries are: a folder for each Python, because one of them is made for it.
fn fetch() -> anyhow::Result<PathBuf> {
    let version = "import sys, platform; print('%s-%d.%d' % (platform.machine(), *sys.version_info[:2]))";
    let version = output(Command::new("python3").args(["-c", version]))?;
    let folder = cache()?.join(format!("python/{}-{}", version.trim(), LIBRARIES.join("-")));
    if folder.is_dir() {
        return Ok(folder);
    }
    let parent = folder.parent().context("a folder in the cache")?;
    fs::create_dir_all(parent)?;
    let new = parent.join(format!("new-{}", process::id()));
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"]);
    output(pip.arg(&new).args(LIBRARIES))?;
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
