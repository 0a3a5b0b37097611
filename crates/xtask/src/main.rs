//! Commands for developers: `cargo xtask test | soak | mutants | bench | sbom | licences | ci`.
//!
//! Each command does all of its own preparation, so that a fresh clone needs nothing else.

mod bench;
mod ci;
mod dependencies;
mod kafka;
mod mutants;
mod soak;
mod summary;
mod test;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "What developers of kalends run")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build everything and run every test, real services included.
    Test,
    /// Run the durability tests with large counts, for hours.
    Soak(soak::Options),
    /// Take out, one at a time, the lines that fault tests guard, and want those tests to fail. For hours.
    Mutants(mutants::Options),
    /// Measure the release build: events per second, latency, CPU, memory and disk per event.
    Bench(bench::Options),
    /// Print the bill of materials of the released program (`CycloneDX` 1.5, JSON).
    Sbom,
    /// Print the licences of everything that the released program is built from.
    Licences,
    /// Run what continuous integration runs: formatting, lints, documentation, then `test`.
    Ci,
}

fn main() -> anyhow::Result<ExitCode> {
    match Arguments::parse().command {
        Command::Test => test::run(),
        Command::Soak(options) => soak::run(&options),
        Command::Mutants(options) => mutants::run(&options),
        Command::Bench(options) => bench::run(&options),
        Command::Sbom => dependencies::sbom::run(),
        Command::Licences => dependencies::licences::run(),
        Command::Ci => ci::run(),
    }
}
