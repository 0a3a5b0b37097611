//! `kalends config`: the configuration as it is in effect, and its schema.

use crate::{
    cli::ConfigArgs,
    exit::{Exit, Failure},
    settings::Settings,
    stdout::Stdout,
};

/// Prints what `args` ask for. Secrets are shown as the references that they are.
///
/// # Errors
/// Everything that is wrong with the configuration; standard output that can't be written.
pub fn config(args: &ConfigArgs) -> Result<(), Failure> {
    let bug = |error: &dyn std::fmt::Display| Failure::new(Exit::Bug, format!("can't print this: {error}"));
    let text = if args.schema {
        schema()
    } else {
        let settings = args.configuration.settings()?;
        if args.json {
            serde_json::to_string_pretty(&settings).map_err(|error| bug(&error))?
        } else {
            serde_saphyr::to_string(&settings).map_err(|error| bug(&error))?
        }
    };
    Stdout::lock().line(text.trim_end()).map(|_| ())
}

/// The JSON Schema of the configuration, for editors.
#[must_use]
pub fn schema() -> String {
    let mut schema = schemars::schema_for!(Settings);
    schema.insert("title".to_owned(), "Configuration of kalends".into());
    format!("{:#}", schema.as_value())
}
