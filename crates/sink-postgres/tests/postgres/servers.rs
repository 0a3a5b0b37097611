//! Servers, started once for all tests, and statements sent to them past the sink.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

/// A server, or a pooler in front of one.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub(crate) name: &'static str,
    pub(crate) port: u16,
}

static OLD: LazyLock<Server> = LazyLock::new(|| up("sink-pg15", &["pg-up.sh", "--set", "fsync=off"]));
static NEW: LazyLock<Server> =
    LazyLock::new(|| up("sink-pg18", &["pg-up.sh", "--version", "18", "--set", "fsync=off"]));
static POOLER: LazyLock<Server> =
    LazyLock::new(|| up("sink-pgbouncer", &["pgbouncer-up.sh", "--of", old().name]));

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

fn up(name: &'static str, script: &[&str]) -> Server {
    let [script, arguments @ ..] = script else { panic!("no script") };
    let url = run(script, name, arguments);
    let port = url.rsplit(':').next().and_then(|rest| rest.split('/').next()).unwrap().parse().unwrap();
    Server { name, port }
}

fn run(script: &str, name: &str, arguments: &[&str]) -> String {
    let services = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/services");
    let mut command = Command::new(services.join(script));
    // Left running between runs, as the scripts mean it: what is up already costs no time.
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
    pub(crate) fn new(name: &'static str) -> Self {
        Self(up(name, &["pg-up.sh"]))
    }

    pub(crate) fn server(&self) -> Server {
        self.0.clone()
    }

    pub(crate) fn kill_and_start(&self) {
        self.kill();
        self.start();
    }

    pub(crate) fn kill(&self) {
        run("pg-down.sh", self.0.name, &["--kill"]);
    }

    pub(crate) fn start(&self) {
        run("pg-up.sh", self.0.name, &[]);
    }
}

/// A primary and its standby, new.
pub(crate) struct Pair {
    pub(crate) primary: Crashing,
    pub(crate) standby: Crashing,
}

impl Pair {
    pub(crate) fn new() -> Self {
        let primary = up("sink-pg-primary", &["pg-up.sh", "--fresh"]);
        let of = ["pg-up.sh", "--fresh", "--standby-of", primary.name];
        Self { primary: Crashing(primary), standby: Crashing(up("sink-pg-standby", &of)) }
    }
}

/// A server that speaks TLS, with these rules of who may log in.
pub(crate) fn encrypted(certificate: &Path, key: &Path, rules: &Path) -> Server {
    run("pg-down.sh", "sink-pg-tls", &[]);
    let set = [("ssl_cert_file", certificate), ("ssl_key_file", key), ("hba_file", rules)];
    let set = set.map(|(name, path)| format!("{name}={}", path.display()));
    let mut script = vec!["pg-up.sh", "--set", "ssl=on"];
    for setting in &set {
        script.extend(["--set", setting]);
    }
    up("sink-pg-tls", &script)
}
