//! A Prometheus that scrapes a daemon as the files in `deploy/prometheus` say.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, ensure};
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    http::Connection,
    service,
    wait::{PATIENCE, wait_until},
};

/// A Prometheus that runs. It is killed when this is dropped.
#[derive(Debug)]
pub struct Prometheus {
    child: Child,
    address: SocketAddr,
    _directory: TempDir,
}

impl Prometheus {
    /// Starts one with this configuration on any free port, and waits until it answers; `None`, after one line on stderr,
    /// where it can't be had.
    ///
    /// # Errors
    /// It can't be had under `CI=true`, or ends before it answers.
    pub fn start(configuration: &str) -> anyhow::Result<Option<Self>> {
        let Some(programs) = service::prometheus()? else { return Ok(None) };
        let directory = tempfile::tempdir()?;
        let [file, log, data] = ["prometheus.yml", "log", "data"].map(|name| directory.path().join(name));
        fs::write(&file, configuration)?;
        let option = |name: &str, path: &PathBuf| format!("--{name}={}", path.display());
        let mut command = Command::new(programs.join("prometheus"));
        command.args([option("config.file", &file), option("storage.tsdb.path", &data)]);
        command
            .args(["--web.listen-address=127.0.0.1:0", "--log.format=logfmt"])
            .current_dir(directory.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(fs::File::create(&log)?);
        let child = command.spawn().context("can't start Prometheus")?;
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut started = Self { child, address: nowhere, _directory: directory };
        started.address = wait_until("Prometheus to listen", PATIENCE, || {
            let said = fs::read_to_string(&log)?;
            ensure!(started.child.try_wait()?.is_none(), "Prometheus has ended: {said}");
            Ok(listening(&said))
        })?;
        Ok(Some(started))
    }

    /// Where it answers.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What a query comes to now: its series, each with `metric` and `value`.
    ///
    /// # Errors
    /// The query is refused.
    pub fn query(&self, expression: &str) -> anyhow::Result<Vec<Value>> {
        let data = self.get(&format!("/api/v1/query?query={}", encoded(expression)))?;
        let result = data.get("result").and_then(Value::as_array).cloned();
        result.with_context(|| format!("no result of {expression}: {data}"))
    }

    /// The data that an address of its API answers.
    ///
    /// # Errors
    /// It refuses.
    pub fn get(&self, target: &str) -> anyhow::Result<Value> {
        let answer = Connection::open(self.address)?.request("GET", target, &[], b"")?;
        ensure!(answer.status == 200, "{target} answers {}: {}", answer.status, answer.text());
        let mut answer: Value = serde_json::from_slice(&answer.body)?;
        Ok(answer.get_mut("data").map(Value::take).unwrap_or_default())
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn listening(log: &str) -> Option<SocketAddr> {
    let line = log.lines().find(|line| line.contains("msg=\"Listening on\""))?;
    line.split_once("address=")?.1.split_whitespace().next()?.parse().ok()
}

/// Percent-encoded for a query.
fn encoded(text: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric();
    text.bytes()
        .map(|byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// The file `name` of `deploy/prometheus` for a daemon whose admin listener is at `admin` and not at `target`, scraped every
/// second.
///
/// # Errors
/// The file can't be read, or does not have what is replaced.
pub fn shipped(name: &str, target: &str, admin: SocketAddr) -> anyhow::Result<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/prometheus").canonicalize()?;
    let rules = folder.join("alerts.yml").display().to_string();
    let admin = admin.to_string();
    let replaced =
        [(target, admin.as_str()), ("alerts.yml", &rules), ("15s", "1s\n  evaluation_interval: 1s")];
    let mut text = fs::read_to_string(folder.join(name))?;
    for (from, to) in replaced {
        ensure!(text.matches(from).count() == 1, "{from} stands once in {name}");
        text = text.replace(from, to);
    }
    Ok(text)
}
