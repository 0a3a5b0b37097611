//! `kalends explain`: what becomes of one body, and why. Offline.

mod account;
mod fields;
mod text;

use std::{
    fs,
    io::{self, Read},
    path::Path,
    sync::Arc,
};

use kalends_normalise::Normaliser;

use self::account::Account;
use crate::{
    catalogue::Catalogue,
    cli::ExplainArgs,
    exit::{Exit, Failure},
    settings::Settings,
    stdout::{Reader, Stdout},
};

/// Explains the body in a file or on standard input by the topics of `settings`.
///
/// A dead letter is an answer, not a failure.
///
/// # Errors
/// The body can't be read (74).
pub fn explain(args: &ExplainArgs, settings: &Settings) -> Result<(), Failure> {
    let body = read(&args.file)?;
    let schemas = Catalogue::read(settings.schemas.directory.as_deref(), settings.timestamps.into())
        .map_err(|faults| Failure::new(Exit::Configuration, faults))?;
    let plan = Arc::new(schemas.plan);
    let mut normaliser = Normaliser::new(Arc::clone(&plan));
    let account = Account::of(&body, &mut normaliser, &plan, settings);
    let lines = if args.json {
        serde_json::to_string(&account).map(|line| vec![line])
    } else {
        text::lines(&account)
    };
    let lines = lines.map_err(|error| Failure::new(Exit::Bug, error))?;
    let mut out = Stdout::lock();
    for line in lines {
        if out.line(line)? == Reader::Gone {
            break;
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    if path != Path::new("-") {
        return fs::read(path).map_err(|error| Failure::file(path, &error));
    }
    let mut body = Vec::new();
    let read = io::stdin().lock().read_to_end(&mut body);
    read.map_err(|error| Failure::new(Exit::Disk, format!("standard input: {error}")))?;
    Ok(body)
}
