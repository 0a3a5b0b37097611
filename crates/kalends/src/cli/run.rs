use clap::Args;
use kalends_settings::{LogFormat, LogLevel, Settings};

use super::Configuration;
use crate::output::exit::Failure;

/// Options of `kalends run`.
#[derive(Debug, Clone, Args)]
pub struct RunArgs {
    /// Which configuration.
    #[command(flatten)]
    pub configuration: Configuration,
    /// Least severe level to log, in place of log.level
    #[arg(long, value_name = "LEVEL")]
    pub log_level: Option<LogLevel>,
    /// How log lines look, in place of log.format
    #[arg(long, value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,
}

impl RunArgs {
    /// Loads the configuration with the options here over it.
    ///
    /// # Errors
    /// Everything that is wrong with it, one line a problem.
    pub fn settings(&self) -> Result<Settings, Failure> {
        let mut settings = self.configuration.settings()?;
        settings.log.level = self.log_level.unwrap_or(settings.log.level);
        settings.log.format = self.log_format.unwrap_or(settings.log.format);
        Ok(settings)
    }
}
