use std::path::PathBuf;

use clap::Args;

use crate::{
    exit::{Exit, Failure},
    settings::{self, LogFormat, LogLevel, Settings},
};

/// Options that every command has.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// Configuration file (YAML); without one the built-in configuration is used
    #[arg(short, long, global = true, value_name = "FILE", env = "KALENDS_CONFIG")]
    pub config: Option<PathBuf>,
    /// Least severe level to log, in place of log.level
    #[arg(long, global = true, value_name = "LEVEL")]
    pub log_level: Option<LogLevel>,
    /// How log lines look, in place of log.format
    #[arg(long, global = true, value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,
}

impl Global {
    /// Loads the configuration with the options here over it.
    ///
    /// # Errors
    /// Everything that is wrong with it, one line a problem.
    pub fn settings(&self) -> Result<Settings, Failure> {
        let mut settings = settings::load(self.config.as_deref(), std::env::vars_os())
            .map_err(|problems| Failure::new(Exit::Configuration, problems))?;
        settings.log.level = self.log_level.unwrap_or(settings.log.level);
        settings.log.format = self.log_format.unwrap_or(settings.log.format);
        Ok(settings)
    }

    /// The configuration's name for people.
    #[must_use]
    pub fn config_name(&self) -> String {
        self.config
            .as_ref()
            .map_or_else(|| "the built-in configuration".into(), |path| path.display().to_string())
    }
}
