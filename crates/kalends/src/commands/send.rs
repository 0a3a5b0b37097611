//! `kalends send`: made-up events over real HTTP, as the sender would post them.

use std::sync::Arc;

use kalends_load::{Error, Load, Settings};

use crate::{
    cli::SendArgs,
    output::{
        exit::{Exit, Failure},
        progress::Bar,
        stdout::{Reader, Stdout},
    },
};

/// Posts what `args` ask for, and prints the answers and latencies.
///
/// Ctrl-C ends it early, with a report of what was sent until then.
///
/// # Errors
/// The URL can't be used (64), a file can't be read or written (74), or something was not answered 2xx (69).
pub fn send(args: &SendArgs) -> Result<(), Failure> {
    let load = Arc::new(Load::new(&args.settings()).map_err(failure)?);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(
            |error| Failure::new(Exit::Disk, format!("the threads that send can't be started: {error}")),
        )?;
    let bar = Bar::of(load.count(), "events");
    let mut report =
        runtime.block_on(kalends_load::run(&load, Arc::new(move || bar.step()))).map_err(failure)?;
    let mut out = Stdout::lock();
    let lines = if args.json { vec![report.json().to_string()] } else { report.lines() };
    for line in lines {
        if out.line(line)? == Reader::Gone {
            break;
        }
    }
    match load.count().saturating_sub(report.acknowledged()) {
        0 => Ok(()),
        missing => Err(Failure::new(
            Exit::Unavailable,
            format!("{missing} of {} were not acknowledged; {}", load.count(), report.way_out()),
        )),
    }
}

fn failure(error: Error) -> Failure {
    match error {
        Error::Url(_) => Failure::new(Exit::Usage, error),
        Error::File { path, source } => Failure::file(&path, &source),
        Error::Random(_) => Failure::new(Exit::Disk, error),
        Error::Panicked(_) => Failure::new(Exit::Bug, error),
    }
}

impl SendArgs {
    fn settings(&self) -> Settings {
        Settings {
            url: self.url.clone(),
            token: self.token.clone(),
            count: self.count,
            rate: self.rate,
            connections: self.connections,
            types: self.types.clone(),
            seed: self.seed,
            retry: self.retry,
            file: self.file.clone(),
            out: self.out.clone(),
        }
    }
}
