//! What all real services have in common: the scripts that start and stop them, and that nothing outlives the tests.

use std::{
    env,
    io::{self, Write as _},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{bail, ensure};

/// Wipes a service when the process that started it ends, however it ends.
#[derive(Debug)]
pub(crate) struct Guard(#[expect(dead_code, reason = "the pipe to it closes with this")] Child);

impl Guard {
    /// A process that outlives this one by as long as wiping takes: its input closes when this process is gone.
    pub(crate) fn new(down: &str, name: &str) -> anyhow::Result<Self> {
        let script = r#"while read -r _; do :; done; exec "./$0" --name "$1" --wipe"#;
        let mut command = Command::new("bash");
        command.args(["-c", script, down, name]).current_dir(folder()).process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(Self(command.spawn()?))
    }
}

/// Sees to it that there is a Java of this version or newer, and that the jars of `poms/<pom>.xml` are in the cache.
pub(crate) fn fetch(java: u8, pom: &str) -> anyhow::Result<()> {
    let script =
        format!(r#". ./lib.sh && need_java {java} && fetch_jars poms/{pom}.xml "$KALENDS_INFRA/libs/{pom}""#);
    output(Command::new("bash").args(["-c", &script])).map(drop)
}

/// What a missing service means: a line and a pass on a developer's machine, a failure where everything must be run.
///
/// # Errors
/// It is missing under `CI=true`.
pub fn skip(what: &str, missing: &anyhow::Error) -> anyhow::Result<()> {
    if env::var("CI").is_ok_and(|value| value == "true") {
        bail!("tests against {what} must run here, and can't: {missing:#}");
    }
    leave_out(what, missing)
}

/// The same where no promise hangs on the service: a line and a pass everywhere.
pub(crate) fn leave_out(what: &str, missing: &anyhow::Error) -> anyhow::Result<()> {
    // Written past the test runner, which keeps what passing tests print to itself.
    let missing = format!("{missing:#}");
    writeln!(io::stderr(), "SKIPPED, needs {what}: {}", missing.lines().last().unwrap_or_default())?;
    Ok(())
}

/// Runs a script of `tests/services`. Returns the last line that it printed; the error has all that it said.
pub(crate) fn run(script: &str, arguments: &[&str]) -> anyhow::Result<String> {
    output(Command::new(Path::new(".").join(script)).args(arguments))
}

fn output(command: &mut Command) -> anyhow::Result<String> {
    let output = command.current_dir(folder()).stdin(Stdio::null()).output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "a script of tests/services failed:\n{}", said.trim_end());
    Ok(String::from_utf8(output.stdout)?.lines().last().unwrap_or_default().to_owned())
}

/// A kcat; `None`, after one line on stderr, where there is none and Debian's can't be fetched. No promise hangs on it,
/// so that nobody's continuous integration fails for a package that a mirror lacks.
///
/// # Errors
/// The line can't be written.
pub fn kcat() -> anyhow::Result<Option<PathBuf>> {
    match run("kcat.sh", &[]) {
        Ok(path) => Ok(Some(path.into())),
        Err(missing) => leave_out("kcat", &missing).map(|()| None),
    }
}

/// The folder of a `prometheus` and a `promtool`; `None`, after one line on stderr, where they can't be had.
///
/// # Errors
/// They can't be had under `CI=true`.
pub fn prometheus() -> anyhow::Result<Option<PathBuf>> {
    match run("prometheus.sh", &[]) {
        Ok(path) => Ok(Some(path.into())),
        Err(missing) => skip("Prometheus", &missing).map(|()| None),
    }
}

/// The script of axe, which finds faults of a page's accessibility; `None`, as for [`kcat`], where it can't be had.
///
/// # Errors
/// The line can't be written.
pub fn axe() -> anyhow::Result<Option<PathBuf>> {
    match run("axe.sh", &[]) {
        Ok(path) => Ok(Some(path.into())),
        Err(missing) => leave_out("axe", &missing).map(|()| None),
    }
}

/// A `kustomize`; `None`, as for [`kcat`], where it can't be had.
///
/// # Errors
/// The line can't be written.
pub fn kustomize() -> anyhow::Result<Option<PathBuf>> {
    match run("kustomize.sh", &[]) {
        Ok(path) => Ok(Some(path.into())),
        Err(missing) => leave_out("kustomize", &missing).map(|()| None),
    }
}

/// Where the scripts are.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("services")
}
