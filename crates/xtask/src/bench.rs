use std::process::ExitCode;

use crate::workspace;

/// What is measured.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// How many events are sent in all.
    #[arg(long, default_value_t = 200_000)]
    events: u32,
    /// How many keep-alive connections send them.
    #[arg(long, default_value_t = 64)]
    connections: u32,
}

/// Builds the release programs, drives the daemon with the files sink, and prints what an event costs.
///
/// # Errors
/// The build fails or a program can't be started.
pub(crate) fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let packages = ["build", "--release", "--package=kalends", "--package=kalends-tests", "--bins"];
    workspace::succeed(workspace::cargo().args(packages))?;
    let status = workspace::status(
        std::process::Command::new(workspace::program("release", "kalends-bench"))
            .args([options.events.to_string(), options.connections.to_string()])
            .env("KALENDS_BIN", workspace::program("release", "kalends")),
    )?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
