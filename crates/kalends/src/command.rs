//! From the command line to an exit code.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::Parser;

use crate::{
    cat, check,
    cli::{Cli, Command},
    config, demo,
    exit::{Exit, Failure},
    explain, journal, logging, replay, run, schemas, send,
    settings::{Log, LogFormat, LogLevel},
    sinks, status,
};

/// Reads the command line, does what it says, and reports failure on standard error.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let is_wrong = error.use_stderr();
            // With neither output left there is nobody to tell.
            error.print().ok();
            return if is_wrong { Exit::Usage.into() } else { ExitCode::SUCCESS };
        }
    };
    match dispatch(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { exit, message }) => {
            writeln!(io::stderr().lock(), "{message}").ok();
            exit.into()
        }
    }
}

fn dispatch(cli: &Cli) -> Result<(), Failure> {
    match &cli.command {
        Command::Run(args) => run::run(args),
        Command::Demo(args) => {
            logging::start(Log { level: LogLevel::Warn, format: LogFormat::Text });
            logging::exit_on_panic();
            demo::demo(args)
        }
        Command::Check(args) => check::check(args),
        Command::Config(args) => config::config(args),
        Command::Explain(args) => explain::explain(args, &args.configuration.settings()?),
        Command::Schemas(args) => schemas::schemas(args),
        Command::Status(args) => status::status(args),
        Command::Send(args) => send::send(args),
        Command::Cat(args) => cat::cat(args),
        Command::Journal(args) => journal::journal(args),
        Command::Replay(args) => replay::replay(args),
        Command::Sinks(args) => sinks::sinks(args),
    }
}
