use clap::Args;

use super::{Configuration, SeekTargetArg};

/// Options of `kalends tap`.
#[derive(Debug, Clone, Args)]
pub struct TapArgs {
    /// Which configuration.
    #[command(flatten)]
    pub configuration: Configuration,
    /// The sink's name in the configuration [default: the only one]
    #[arg(long, value_name = "NAME")]
    pub sink: Option<String>,
    /// Where to begin: earliest, latest, a journal position, or a time such as 2026-01-31T00:00:00Z [default: latest]
    #[arg(long, value_name = "WHERE")]
    pub from: Option<SeekTargetArg>,
    /// End after so many records [default: none]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: Option<u64>,
}
