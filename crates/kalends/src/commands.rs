//! From the command line to an exit code.

pub mod cat;
pub mod check;
pub mod completions;
pub mod config;
pub mod dead_letters;
pub mod demo;
pub mod explain;
pub mod forget;
pub mod journal;
pub mod man;
pub mod replay;
pub mod run;
pub mod schemas;
pub mod send;
pub mod sinks;
pub mod status;
pub mod tap;

use std::process::ExitCode;

use clap::Parser;
use kalends_settings::{Log, LogFormat, LogLevel};
use kalends_sink::SinkKinds;

use crate::{
    cli::{Cli, Command},
    daemon::signals::EarlySignals,
    output::{
        exit::{Exit, Failure},
        logging,
        stderr::say,
    },
};

/// Reads the command line, does what it says, and reports failure on standard error. `kinds` are the kinds of sinks that there are.
#[must_use]
pub fn main(kinds: SinkKinds) -> ExitCode {
    crate::sinks::use_kinds(kinds);
    exit_on_panic();
    // The daemon's own handlers come too late for a signal in the first milliseconds. Without these it starts all the same.
    let early = EarlySignals::note().unwrap_or_default();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let is_wrong = error.use_stderr();
            // With neither output left there is nobody to tell.
            error.print().ok();
            return if is_wrong { Exit::Usage.into() } else { ExitCode::SUCCESS };
        }
    };
    let ended = dispatch(&cli, early);
    logging::flush();
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { exit, message }) => {
            logging::say_last(&message);
            exit.into()
        }
    }
}

/// From now on a panic, in any thread, ends the process with 70. The daemon logs it instead.
pub fn exit_on_panic() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let message = panic.payload_as_str().unwrap_or("no message");
        say(format_args!("this is a bug of kalends, please report it: {message} ({place})"));
        std::process::exit(Exit::Bug.code().into());
    }));
}

fn dispatch(cli: &Cli, early: EarlySignals) -> Result<(), Failure> {
    match &cli.command {
        Command::Run(args) => run::run(args, early),
        Command::Demo(args) => {
            logging::start(Log { level: LogLevel::Warn, format: LogFormat::Text });
            logging::exit_on_panic();
            demo::demo(args)
        }
        Command::Check(args) => check::check(args),
        Command::Config(args) => config::config(args),
        Command::Explain(args) => explain::explain(args),
        Command::Tap(args) => tap::tap(args),
        Command::Forget(args) => forget::forget(args),
        Command::Schemas(args) => schemas::schemas(args),
        Command::Status(args) => status::status(args),
        Command::Send(args) => send::send(args),
        Command::Cat(args) => cat::cat(args),
        Command::Journal(args) => journal::journal(args),
        Command::Replay(args) => replay::replay(args),
        Command::DeadLetters(args) => dead_letters::dead_letters(args),
        Command::Sinks(args) => sinks::sinks(args),
        Command::Completions(args) => completions::completions(args),
        Command::Man(args) => man::man(args),
    }
}
