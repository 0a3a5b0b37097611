use std::{io::Write, process::ExitCode, time::Instant};

use crate::{
    kafka::{self, Kafka},
    summary::Summary,
    workspace,
};

/// Builds everything and runs every test. Where Kafka can't be had, all tests but those that need it.
///
/// # Errors
/// The build fails, a program can't be started, or, in continuous integration, Kafka can't be had.
pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let began = Instant::now();
    let kafka = kafka::fetch()?;
    if let Kafka::Missing(why) = &kafka {
        anyhow::ensure!(
            !workspace::in_ci(),
            "CI=true, and the tests on a real Kafka broker can't be run: {why}"
        );
    }
    build()?;

    let mut summary = Summary::default();
    let program = workspace::program("debug", "kalends");
    // Without Kafka, the tests that need it say so and pass.
    summary.run(
        workspace::cargo().args(["test", "--workspace", "--no-fail-fast"]).env("KALENDS_BIN", &program),
    )?;
    report(&summary, &kafka, began)?;
    Ok(if summary.passed() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Builds what the tests run. Naming the test targets too makes cargo choose the features of dependencies once for all.
fn build() -> anyhow::Result<()> {
    workspace::succeed(workspace::cargo().args(["build", "--workspace", "--bins", "--tests"]))
}

fn report(summary: &Summary, kafka: &Kafka, began: Instant) -> std::io::Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "\n{summary}, in {} s", began.elapsed().as_secs())?;
    if let Kafka::Missing(why) = kafka {
        writeln!(out, "LEFT OUT: all tests on a real Kafka broker, because {why}")?;
    }
    Ok(())
}
