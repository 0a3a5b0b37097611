//! `kalends schemas`: the record types, as they are served and as the registry has them.

mod check;
mod ddl;
mod list;
mod register;
mod registries;
mod show;
mod table;

use kalends_settings::schema_catalogue::Catalogue;

use crate::{
    cli::{Configuration, SchemasArgs, SchemasCommand},
    output::{
        exit::{Exit, Failure},
        stdout::{Reader, Stdout},
    },
};
use kalends_settings::SecretUse;

/// Lists, shows, checks or registers schemas.
///
/// # Errors
/// The configuration or a schema is wrong (78), a name is not known (64), a registry doesn't take a schema (65) or doesn't
/// answer (69), or standard output can't be written (74).
pub fn schemas(args: &SchemasArgs) -> Result<(), Failure> {
    let configuration = &args.configuration;
    match &args.command {
        SchemasCommand::List { json } => list::list(&configured(configuration)?, *json),
        SchemasCommand::Show { name, source: true, .. } => show::source(&configured(configuration)?, name),
        SchemasCommand::Show { name, json, .. } => show::show(&configured(configuration)?, name, *json),
        SchemasCommand::Check { directory: Some(directory), registry: false, json } => {
            check::check(Some(directory), *json)
        }
        SchemasCommand::Check { directory, registry, json } => {
            let secrets = if *registry { SecretUse::Sinks } else { SecretUse::None };
            let mut settings = configuration.settings_with(secrets)?;
            settings.schemas.directory = directory.clone().or(settings.schemas.directory);
            if *registry {
                return check::check_with_registries(&settings, *json);
            }
            check::check(settings.schemas.directory.as_deref(), *json)
        }
        SchemasCommand::Ddl { rebuild_state } => {
            ddl::ddl(&configuration.settings()?, &configured(configuration)?, *rebuild_state)
        }
        SchemasCommand::Register { dry_run, json } => {
            let settings = configuration.settings_with(SecretUse::Sinks)?;
            register::register(&settings, &configured(configuration)?, *dry_run, *json)
        }
    }
}

fn configured(configuration: &Configuration) -> Result<Catalogue, Failure> {
    let settings = configuration.settings_with(SecretUse::None)?;
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
