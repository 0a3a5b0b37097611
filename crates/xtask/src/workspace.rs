use std::{
    env,
    path::PathBuf,
    process::{Command, ExitStatus, Stdio},
};

use anyhow::Context;

/// The workspace's root folder.
pub(crate) fn root() -> PathBuf {
    // Cargo says so to what it runs; what it said at the build may be of a folder that was copied since.
    let manifest =
        env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    manifest.ancestors().nth(2).unwrap_or(&manifest).to_owned()
}

/// `cargo` (the one that runs this program), to be run in the workspace's root.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// The `rustc` that the workspace is built with.
pub(crate) fn rustc() -> Command {
    let mut command = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    command.current_dir(root());
    command
}

/// Returns what `command` prints.
///
/// # Errors
/// It can't be started, fails, or prints what is no text.
pub(crate) fn said(command: &mut Command) -> anyhow::Result<String> {
    let program = command.get_program().to_owned();
    let output = command.stderr(Stdio::inherit()).output();
    let output = output.with_context(|| format!("can't start {}", program.display()))?;
    anyhow::ensure!(output.status.success(), "{}: {}", program.display(), output.status);
    Ok(String::from_utf8(output.stdout)?)
}

/// Folder where cargo puts a program of this workspace, built with the dev or the release profile.
pub(crate) fn program(profile: &str, name: &str) -> PathBuf {
    let target =
        env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir));
    target.join(profile).join(name)
}

/// Runs `command` to its end.
///
/// # Errors
/// It can't be started.
pub(crate) fn status(command: &mut Command) -> anyhow::Result<ExitStatus> {
    command.status().with_context(|| format!("can't start {}", command.get_program().display()))
}

/// Runs `command` to its end, and wants it to succeed.
///
/// # Errors
/// It can't be started, or it fails.
pub(crate) fn succeed(command: &mut Command) -> anyhow::Result<()> {
    let status = status(command)?;
    let arguments: Vec<_> = command.get_args().map(|a| a.to_string_lossy()).collect();
    anyhow::ensure!(
        status.success(),
        "{} {}: {status}",
        command.get_program().display(),
        arguments.join(" ")
    );
    Ok(())
}

/// Returns whether this runs in continuous integration, where nothing may be left out.
pub(crate) fn in_ci() -> bool {
    env::var_os("CI").is_some_and(|value| value == "true")
}
