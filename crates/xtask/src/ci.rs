use std::process::{Command, ExitCode};

use crate::workspace;

/// Runs what continuous integration runs.
///
/// # Errors
/// The script can't be started.
pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let script = workspace::root().join(".ci/run");
    let status = workspace::status(Command::new(script).current_dir(workspace::root()))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
