use std::net::SocketAddr;

use clap::Args;

use super::Configuration;

/// Options of `kalends status`.
#[derive(Debug, Clone, Args)]
pub struct StatusArgs {
    /// Which configuration names the operator's listener.
    #[command(flatten)]
    pub configuration: Configuration,
    /// The operator's listener, in place of admin.address
    #[arg(long, value_name = "ADDRESS")]
    pub address: Option<SocketAddr>,
    /// Ask only whether it is ready: exit 0 if so, else 69
    #[arg(long)]
    pub ready: bool,
    /// Print the JSON of /status
    #[arg(long, conflicts_with = "ready")]
    pub json: bool,
}
