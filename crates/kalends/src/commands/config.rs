//! `kalends config`: the configuration as it is in effect, and its schema.

use crate::{
    cli::ConfigArgs,
    output::{
        exit::{Exit, Failure},
        stdout::Stdout,
    },
};
use kalends_settings::SecretUse;

/// Prints what `args` ask for. Secrets are shown as the references that they are.
///
/// # Errors
/// Everything that is wrong with the configuration; standard output that can't be written.
pub fn config(args: &ConfigArgs) -> Result<(), Failure> {
    let bug = |error: &dyn std::fmt::Display| Failure::new(Exit::Bug, format!("can't print this: {error}"));
    let text = if args.schema {
        kalends_settings::json_schema(crate::sinks::kinds())
    } else {
        let settings = args.configuration.settings_with(SecretUse::None)?;
        if args.json {
            serde_json::to_string_pretty(&settings).map_err(|error| bug(&error))?
        } else {
            serde_saphyr::to_string(&settings).map_err(|error| bug(&error))?
        }
    };
    Stdout::lock().line(text.trim_end()).map(|_| ())
}
