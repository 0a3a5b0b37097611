//! `kalends schemas`: the record types, as they are served. Offline.

mod check;
mod list;
mod show;

use crate::{
    catalogue::Catalogue,
    cli::{Configuration, SchemasArgs, SchemasCommand},
    exit::{Exit, Failure},
    stdout::{Reader, Stdout},
};

/// Lists, shows or checks schemas.
///
/// # Errors
/// The configuration or a schema is wrong (78), a name is not known (64), or standard output can't be written (74).
pub fn schemas(args: &SchemasArgs) -> Result<(), Failure> {
    let configuration = &args.configuration;
    match &args.command {
        SchemasCommand::List { json } => list::list(&configured(configuration)?, *json),
        SchemasCommand::Show { name, json } => show::show(&configured(configuration)?, name, *json),
        SchemasCommand::Check { directory, json } => match directory {
            Some(directory) => check::check(Some(directory), *json),
            None => check::check(configuration.settings()?.schemas.directory.as_deref(), *json),
        },
    }
}

fn configured(configuration: &Configuration) -> Result<Catalogue, Failure> {
    let settings = configuration.settings()?;
    Catalogue::read(settings.schemas.directory.as_deref(), settings.timestamps.into())
        .map_err(|faults| Failure::new(Exit::Configuration, faults))
}

fn print(lines: impl IntoIterator<Item = String>) -> Result<(), Failure> {
    let mut out = Stdout::lock();
    for line in lines {
        if out.line(line)? == Reader::Gone {
            break;
        }
    }
    Ok(())
}
