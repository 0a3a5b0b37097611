use std::{
    io::Write as _,
    path::PathBuf,
    process::{Command, ExitCode},
};

use crate::{
    kafka::{self, Kafka},
    workspace,
};

/// Work of the durability tests.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Kills of the daemon in each test.
    #[arg(long, default_value_t = 200)]
    rounds: u32,
    /// Fewest events that each round sends.
    #[arg(long, default_value_t = 2_000)]
    events: u32,
    /// Kills of brokers, or rounds of failures around the daemon, in each test that has them.
    #[arg(long, default_value_t = 10)]
    outages: u32,
    /// Events that wait for a dead Kafka while memory is measured.
    #[arg(long, default_value_t = 1_000_000)]
    backlog: u32,
    /// Time that each property test and the simulation search, in seconds.
    #[arg(long, default_value_t = 600)]
    seconds: u32,
    /// How long everything that an operator or a machine can do is done to the real daemon, in minutes.
    #[arg(long, default_value_t = 200)]
    chaos_minutes: u32,
}

/// The commit of the version before, whose data and this one's have to suit both.
const FORMER: &str = "3e31d85";

/// Builds the version before from the repository's history, in folders of its own below the target folder.
fn former() -> anyhow::Result<PathBuf> {
    let target = workspace::root().join("target");
    let (tree, output) = (target.join("former"), target.join("former-target"));
    if !tree.exists() {
        let mut git = Command::new("git");
        git.current_dir(workspace::root()).args(["worktree", "add", "--detach"]).arg(&tree).arg(FORMER);
        workspace::succeed(&mut git)?;
    }
    let mut cargo = workspace::cargo();
    cargo.current_dir(&tree).args(["build", "--locked", "--package=kalends", "--target-dir"]).arg(&output);
    workspace::succeed(&mut cargo)?;
    Ok(output.join("debug/kalends"))
}

/// Runs the durability tests and those with PostgreSQL with the counts of `options`, the property tests and the simulation for as long as it says, and
/// what is too slow for every day.
///
/// # Errors
/// The build fails, a program can't be started, or Kafka can't be had.
pub(crate) fn run(options: &Options) -> anyhow::Result<ExitCode> {
    if let Kafka::Missing(why) = kafka::fetch()? {
        anyhow::bail!("the soak needs a real Kafka broker, and it can't be had: {why}");
    }
    workspace::succeed(workspace::cargo().args(["build", "--workspace", "--bins", "--tests"]))?;
    let runs: [&[&str]; 5] = [
        &[
            "test",
            "--workspace",
            "--test=durability",
            "--",
            "--include-ignored",
            "--nocapture",
            "--test-threads=1",
        ],
        &["test", "--package=kalends-tests", "--test=postgres", "--", "--nocapture", "--test-threads=1"],
        &["test", "--workspace", "--test=properties"],
        &["test", "--package=kalends-tests", "--test=simulation", "--", "--nocapture", "whatever"],
        &["test", "--release", "--package=kalends-delivery", "--lib", "--", "--ignored", "--nocapture"],
    ];
    let mut passed = true;
    let former = former();
    if let Err(missing) = &former {
        writeln!(std::io::stdout(), "LEFT OUT: the way back to the version before, because {missing:#}")?;
    }
    for arguments in runs {
        let mut command = workspace::cargo();
        command
            .args(arguments)
            .env("KALENDS_BIN", workspace::program("debug", "kalends"))
            .env("KALENDS_SOAK_ROUNDS", options.rounds.to_string())
            .env("KALENDS_SOAK_EVENTS", options.events.to_string())
            .env("KALENDS_SOAK_OUTAGES", options.outages.to_string())
            .env("KALENDS_SOAK_BACKLOG", options.backlog.to_string())
            .env("KALENDS_SOAK_SECONDS", options.seconds.to_string())
            .env("KALENDS_SOAK_CHAOS_MINUTES", options.chaos_minutes.to_string());
        if let Ok(former) = &former {
            command.env("KALENDS_FORMER_BIN", former);
        }
        passed &= workspace::status(&mut command)?.success();
    }
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
