//! `kalends dead-letters`: which webhooks became dead letters, and why.
//!
//! The journal has their bodies; what a sink refused, and what an older version could not read, the sinks' notes beside it tell.

mod letter;
mod list;
mod noted;
mod show;

use crate::{
    cli::{DeadLettersArgs, DeadLettersCommand},
    output::exit::Failure,
};
use kalends_settings::SecretUse;

/// Lists dead letters, or shows one.
///
/// # Errors
/// The configuration or a schema can't be used (78); there is no such sink (64) or no dead letter there (65); the journal or a note
/// can't be read (74).
pub fn dead_letters(args: &DeadLettersArgs) -> Result<(), Failure> {
    let settings = args.configuration.settings_with(SecretUse::None)?;
    match &args.command {
        DeadLettersCommand::List(args) => list::list(&settings, args),
        DeadLettersCommand::Show(args) => show::show(&settings, args),
    }
}
