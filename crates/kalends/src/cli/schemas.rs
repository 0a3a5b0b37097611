use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Configuration, help_text};

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
    #[command(after_help = help_text::SCHEMAS_LIST)]
    List {
        /// Print one JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Print the Avro schema of a record type, as readers and registries see it
    #[command(after_help = help_text::SCHEMAS_SHOW)]
    Show {
        /// The record type, such as Subscribe
        #[arg(value_name = "NAME")]
        name: String,
        /// Print it on one line
        #[arg(long)]
        json: bool,
        /// Print the .avsc file instead, with kalends' own attributes: what a schema of your own begins with
        #[arg(long, conflicts_with = "json")]
        source: bool,
    },
    /// Compile the schemas in a directory over the built-in ones, and tell everything that is wrong (exit 78)
    #[command(after_help = help_text::SCHEMAS_CHECK)]
    Check {
        /// Directory of .avsc files [default: schemas.directory of the configuration]
        #[arg(value_name = "DIR")]
        directory: Option<PathBuf>,
        /// Also ask the schema registries of the configured Kafka sinks
        #[arg(long)]
        registry: bool,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Print the SQL that makes the tables of every sink of a database, for somebody who runs it by hand
    #[command(after_help = help_text::SCHEMAS_DDL)]
    Ddl {
        /// Print the statement that makes the state of subscriptions from the tables instead
        #[arg(long)]
        rebuild_state: bool,
    },
    /// Register the schemas of every Kafka sink that has a schema registry; those that are there stay as they are
    #[command(after_help = help_text::SCHEMAS_REGISTER)]
    Register {
        /// Only tell what would be done
        #[arg(long)]
        dry_run: bool,
        /// Print one JSON object a line
        #[arg(long)]
        json: bool,
    },
}
