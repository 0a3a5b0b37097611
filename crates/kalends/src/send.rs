//! `kalends send`: made-up events over real HTTP, as the sender would post them.

mod body;
mod client;
mod event_type;
mod ids;
mod latencies;
mod load;
mod report;
mod target;
mod worker;

pub use event_type::EventType;

use std::sync::Arc;

use crate::{
    cli::SendArgs,
    exit::{Exit, Failure},
    stdout::Stdout,
};

/// Posts what `args` ask for, and prints the answers and latencies.
///
/// Ctrl-C ends it early, with a report of what was sent until then.
///
/// # Errors
/// The URL can't be used (64), a file can't be read or written (74), or something was not answered 2xx (69).
pub fn send(args: &SendArgs) -> Result<(), Failure> {
    let load = Arc::new(load::Load::new(args)?);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(
            |error| Failure::new(Exit::Disk, format!("the threads that send can't be started: {error}")),
        )?;
    let mut report = runtime.block_on(worker::run_all(&load))?;
    let mut out = Stdout::lock();
    let lines = if args.json { vec![report.json().to_string()] } else { report.lines() };
    for line in lines {
        if out.line(line)? == crate::stdout::Reader::Gone {
            break;
        }
    }
    match load.count.saturating_sub(report.acknowledged()) {
        0 => Ok(()),
        missing => Err(Failure::new(
            Exit::Unavailable,
            format!("{missing} of {} were not acknowledged; {}", load.count, report.way_out()),
        )),
    }
}
