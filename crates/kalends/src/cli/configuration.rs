use std::path::PathBuf;

use clap::Args;
use kalends_settings::{Problems, SecretUse, Settings};

use crate::{
    output::{
        exit::{Exit, Failure},
        pasteable,
    },
    sinks,
};

/// Which configuration.
#[derive(Debug, Clone, Args)]
pub struct Configuration {
    /// Configuration file (YAML); without one the built-in configuration is used
    #[arg(short, long, global = true, value_name = "FILE", env = "KALENDS_CONFIG")]
    pub config: Option<PathBuf>,
}

impl Configuration {
    /// Loads it with all of its secrets.
    ///
    /// # Errors
    /// Everything that is wrong with it, one line a problem.
    pub fn settings(&self) -> Result<Settings, Failure> {
        self.settings_with(SecretUse::All)
    }

    /// Loads it with those of its secrets that a command uses.
    ///
    /// # Errors
    /// Everything that is wrong with it, but for other secrets, one line a problem.
    pub fn settings_with(&self, secrets: SecretUse<'_>) -> Result<Settings, Failure> {
        self.name_in_messages();
        let read =
            kalends_settings::load_with(self.config.as_deref(), std::env::vars_os(), sinks::kinds(), secrets);
        read.map_err(|problems| Failure::new(Exit::Configuration, problems))
    }

    /// Loads it with all of its secrets.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read(&self) -> Result<Settings, Problems> {
        self.name_in_messages();
        kalends_settings::load(self.config.as_deref(), std::env::vars_os(), sinks::kinds())
    }

    fn name_in_messages(&self) {
        if let Some(file) = &self.config {
            pasteable::use_configuration(file);
        }
    }

    /// Its name for people.
    #[must_use]
    pub fn name(&self) -> String {
        self.config
            .as_ref()
            .map_or_else(|| "the built-in configuration".into(), |path| path.display().to_string())
    }
}

/// Options of `kalends config`.
#[derive(Debug, Clone, Args)]
pub struct ConfigArgs {
    /// Which configuration.
    #[command(flatten)]
    pub configuration: Configuration,
    /// Print JSON in place of YAML
    #[arg(long)]
    pub json: bool,
    /// Print the JSON Schema of configurations, for editors, and nothing else
    #[arg(long, conflicts_with = "json")]
    pub schema: bool,
}
