use std::{ffi::OsString, process::ExitCode};

use crate::workspace;

/// Measurements to make.
#[derive(clap::Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Options {
    /// Passed on: `cargo xtask bench --help` lists them.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

/// Builds the release programs and measures them.
///
/// # Errors
/// The build fails or a program can't be started.
pub(crate) fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let packages = ["build", "--release", "--package=kalends", "--package=kalends-tests", "--bins"];
    workspace::succeed(workspace::cargo().args(packages))?;
    let example = ["build", "--release", "--package=kalends-delivery", "--example=fill"];
    workspace::succeed(workspace::cargo().args(example))?;
    let example = ["build", "--release", "--package=kalends-sink-postgres", "--example=bare_rows"];
    workspace::succeed(workspace::cargo().args(example))?;
    let status = workspace::status(
        std::process::Command::new(workspace::program("release", "kalends-bench"))
            .args(&options.arguments)
            .env("KALENDS_BIN", workspace::program("release", "kalends")),
    )?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
