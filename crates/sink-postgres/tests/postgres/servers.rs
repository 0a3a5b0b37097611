//! Servers, started once for all tests and wiped when these end, and statements sent to them past the sink.

use std::{
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{self, Command, Stdio},
    sync::LazyLock,
};

/// A server, or a pooler in front of one.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub(crate) name: String,
    pub(crate) port: u16,
}

static OLD: LazyLock<Server> = LazyLock::new(|| up("pg15", &["pg-up.sh", "--set", "fsync=off"]));
static NEW: LazyLock<Server> =
    LazyLock::new(|| up("pg18", &["pg-up.sh", "--version", "18", "--set", "fsync=off"]));
static POOLER: LazyLock<Server> =
    LazyLock::new(|| up("pgbouncer", &["pgbouncer-up.sh", "--of", &old().name]));

pub(crate) fn old() -> Server {
    OLD.clone()
}

pub(crate) fn pooler() -> Server {
    POOLER.clone()
}

/// Every kind of server.
pub(crate) fn all() -> [Server; 3] {
    [OLD.clone(), NEW.clone(), POOLER.clone()]
}

/// Starts a server of this process alone.
fn up(purpose: &str, script: &[&str]) -> Server {
    let [script, arguments @ ..] = script else { panic!("no script") };
    let name = format!("sink-{purpose}-{}", process::id());
    guard(&script.replace("-up", "-down"), &name);
    let url = run(script, &name, arguments);
    let port = url.rsplit(':').next().and_then(|rest| rest.split('/').next()).unwrap().parse().unwrap();
    Server { name, port }
}

/// Wipes a server once this process has ended, however it ends: the input of what waits for that closes with it.
fn guard(down: &str, name: &str) {
    let script = r#"while read -r _; do :; done; exec "./$0" --name "$1" --wipe"#;
    let mut command = Command::new("bash");
    command.args(["-c", script, down, name]).current_dir(services()).process_group(0);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    std::mem::forget(command.spawn().unwrap());
}

fn services() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/services")
}

fn run(script: &str, name: &str, arguments: &[&str]) -> String {
    let mut command = Command::new(services().join(script));
    let output = command.args(["--name", name]).args(arguments).output().unwrap();
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().lines().last().unwrap_or_default().to_owned()
}

impl Server {
    /// Runs SQL; returns its rows, columns separated by `|`.
    pub(crate) fn sql(&self, statement: &str) -> String {
        self.try_sql(statement).unwrap_or_else(|error| panic!("{statement}: {error}"))
    }

    pub(crate) fn try_sql(&self, statement: &str) -> Result<String, String> {
        let url = format!("postgresql://kalends@127.0.0.1:{}/kalends", self.port);
        let mut command = Command::new("psql");
        command.env("PGTZ", "UTC").args([&url, "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", statement]);
        let output = command.output().unwrap();
        if output.status.success() {
            Ok(String::from_utf8(output.stdout).unwrap().trim_end().to_owned())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }
}

/// A server that a test kills.
#[derive(Debug, Clone)]
pub(crate) struct Crashing(Server);

impl Crashing {
    pub(crate) fn new(purpose: &str) -> Self {
        Self(up(purpose, &["pg-up.sh"]))
    }

    pub(crate) fn server(&self) -> Server {
        self.0.clone()
    }

    pub(crate) fn kill_and_start(&self) {
        self.kill();
        self.start();
    }

    pub(crate) fn kill(&self) {
        run("pg-down.sh", &self.0.name, &["--kill"]);
    }

    pub(crate) fn start(&self) {
        run("pg-up.sh", &self.0.name, &[]);
    }
}

/// A primary and its standby, new.
pub(crate) struct Pair {
    pub(crate) primary: Crashing,
    pub(crate) standby: Crashing,
}

impl Pair {
    pub(crate) fn new() -> Self {
        let primary = up("primary", &["pg-up.sh"]);
        let standby = up("standby", &["pg-up.sh", "--standby-of", &primary.name]);
        Self { primary: Crashing(primary), standby: Crashing(standby) }
    }
}

/// A server that speaks TLS, with these rules of who may log in.
pub(crate) fn encrypted(certificate: &Path, key: &Path, rules: &Path) -> Server {
    let set = [("ssl_cert_file", certificate), ("ssl_key_file", key), ("hba_file", rules)];
    let set = set.map(|(name, path)| format!("{name}={}", path.display()));
    let mut script = vec!["pg-up.sh", "--set", "ssl=on"];
    for setting in &set {
        script.extend(["--set", setting]);
    }
    up("tls", &script)
}
