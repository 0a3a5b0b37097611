use clap::Args;

use super::Configuration;

/// Options of `kalends check`.
#[derive(Debug, Clone, Args)]
pub struct CheckArgs {
    /// Which configuration.
    #[command(flatten)]
    pub configuration: Configuration,
    /// Also try what it names: brokers, credentials, topics, rights, message sizes, directories, room on disk
    #[arg(long)]
    pub connect: bool,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}
