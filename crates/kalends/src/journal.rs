//! `kalends journal`: looks at a journal, verifies it, repairs it, and prints what is in it.

mod cat;
mod repair;
mod stat;
mod verify;

use std::path::PathBuf;

use kalends_journal::OpenError;

use crate::{
    cli::{Global, JournalCommand, JournalPlace},
    exit::{Exit, Failure},
};

/// Runs one of the commands.
///
/// # Errors
/// No directory can be told from the command line and the configuration (78); the journal can't be read or is damaged (74); there
/// is no such receipt (65).
pub fn journal(command: &JournalCommand, global: &Global) -> Result<(), Failure> {
    match command {
        JournalCommand::Stat(args) => stat::stat(&directory(&args.place, global)?, args.json),
        JournalCommand::Verify(args) => verify::verify(&directory(&args.place, global)?, args.json),
        JournalCommand::Repair(args) => repair::repair(&directory(&args.place, global)?, args.yes),
        JournalCommand::Cat(args) => cat::cat(&directory(&args.place, global)?, args),
    }
}

fn directory(given: &JournalPlace, global: &Global) -> Result<PathBuf, Failure> {
    given.directory.clone().map_or_else(|| Ok(global.settings()?.journal.directory), Ok)
}

fn disk(error: &OpenError) -> Failure {
    Failure::new(Exit::Disk, error)
}
