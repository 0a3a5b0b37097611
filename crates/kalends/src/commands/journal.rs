//! `kalends journal`: looks at a journal, verifies it, repairs it, gives it another identity, and prints what is in it.

mod adopt;
mod cat;
mod repair;
mod stat;
mod verify;

use std::path::PathBuf;

use kalends_journal::ShardLog;
use kalends_journal_local::OpenError;

use crate::{
    cli::{Configuration, JournalArgs, JournalCommand, JournalPlace},
    output::{
        exit::{Exit, Failure},
        pasteable,
    },
};
use kalends_settings::SecretUse;

/// Runs one of the commands.
///
/// # Errors
/// No directory can be told from the command line and the configuration (78); the journal can't be read or is damaged (74); there
/// is no such receipt (65).
pub fn journal(args: &JournalArgs) -> Result<(), Failure> {
    let directory = |given| directory(given, &args.configuration);
    match &args.command {
        JournalCommand::Stat(args) => stat::stat(&directory(&args.place)?, args.json),
        JournalCommand::Verify(args) => verify::verify(&directory(&args.place)?, args.json),
        JournalCommand::Repair(args) => repair::repair(&directory(&args.place)?, args),
        JournalCommand::Adopt(args) => adopt::adopt(&directory(&args.place)?, args),
        JournalCommand::Cat(args) => cat::cat(&directory(&args.place)?, args),
    }
}

fn directory(given: &JournalPlace, configuration: &Configuration) -> Result<PathBuf, Failure> {
    let Some(directory) = &given.directory else {
        return Ok(configuration.settings_with(SecretUse::None)?.journal.directory);
    };
    pasteable::use_journal(directory);
    Ok(directory.clone())
}

/// A journal that could not be opened by one of these commands, which alone can be told its directory.
fn unopened(error: &OpenError) -> Failure {
    let failure = Failure::journal(error);
    match error {
        OpenError::NoJournal { .. } => {
            Failure::new(failure.exit, format!("{failure}; or name its directory by --directory"))
        }
        _ => failure,
    }
}

/// There is no receipt at a position.
pub(crate) fn no_receipt(log: &dyn ShardLog, at: u64) -> Failure {
    let (first, last) = (log.first_kept(), log.synced().position);
    let why = match at {
        0 => "the first one is 1",
        _ if at > last => "it was not written yet",
        _ if at < first => "it is no longer kept",
        _ => "a repair has put it on record as missing",
    };
    Failure::new(
        Exit::Data,
        format!("no receipt at position {at}: {why} (the journal has {first} to {last})"),
    )
}
