//! `kalends sinks`: how far sinks are, and an operator's way out of their holds.

mod doubts;
mod list;
mod order;
mod skip;

use std::path::PathBuf;

use kalends_settings::{SecretUse, Settings};
use serde_json::Value;

use crate::{
    cli::{SinksArgs, SinksCommand},
    output::exit::{Exit, Failure},
};

/// Runs one of the commands.
///
/// # Errors
/// The configuration can't be used (78); there is no such sink, or `--yes` is missing (64); there is no such position, or it is delivered (65); no daemon
/// takes an order up (69); the journal or an order can't be read or written (74).
pub fn sinks(args: &SinksArgs) -> Result<(), Failure> {
    let settings = args.configuration.settings_with(SecretUse::None)?;
    match &args.command {
        SinksCommand::List { json } => list::list(&settings, *json),
        SinksCommand::Seek(args) => order::seek(&settings, args),
        SinksCommand::Skip(args) => skip::skip(&settings, args),
        SinksCommand::Doubts(args) => doubts::doubts(&settings, args),
        SinksCommand::Resume(args) => order::resume(&settings, args),
    }
}

/// What a daemon's status says of one sink.
pub(super) fn told_of<'a>(status: &'a Value, sink: &str) -> Option<&'a Value> {
    let all = status.get("sinks")?.as_array()?;
    all.iter().find(|one| one.get("name").is_some_and(|name| name == sink))
}

/// Where delivery keeps its notes and looks for orders.
pub(super) fn state_directory(settings: &Settings) -> PathBuf {
    settings.journal.directory.join("sinks")
}

pub(super) fn known(settings: &Settings, sink: &str) -> Result<(), Failure> {
    if settings.sinks.contains_key(sink) {
        return Ok(());
    }
    let names: Vec<_> = settings.sinks.keys().map(String::as_str).collect();
    let message = format!("there is no sink `{sink}` in this configuration; there is {}", names.join(", "));
    Err(Failure::new(Exit::Usage, message))
}
