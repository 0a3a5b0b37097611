use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Configuration;

/// Options of `kalends schemas`.
#[derive(Debug, Clone, Args)]
pub struct SchemasArgs {
    /// Which configuration.
    #[command(flatten)]
    pub configuration: Configuration,
    /// What to do with them.
    #[command(subcommand)]
    pub command: SchemasCommand,
}

/// What to do with the schemas.
#[derive(Debug, Clone, Subcommand)]
pub enum SchemasCommand {
    /// Name every record type: its topic, its event types, its fingerprint, and the file it comes from
    List {
        /// Print one JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Print the Avro schema of a record type, as readers and registries see it
    Show {
        /// The record type, such as Subscribe
        #[arg(value_name = "NAME")]
        name: String,
        /// Print it on one line
        #[arg(long)]
        json: bool,
    },
    /// Compile the schemas in a directory over the built-in ones, and tell everything that is wrong (exit 78)
    Check {
        /// Directory of .avsc files [default: schemas.directory of the configuration]
        #[arg(value_name = "DIR")]
        directory: Option<PathBuf>,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
}
