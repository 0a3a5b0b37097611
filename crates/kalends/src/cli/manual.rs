use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

/// Options of `kalends completions`.
#[derive(Debug, Clone, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

/// Options of `kalends man`.
#[derive(Debug, Clone, Args)]
pub struct ManArgs {
    /// The command whose page is wanted, such as journal verify [default: kalends itself]
    #[arg(value_name = "COMMAND")]
    pub command: Vec<String>,
    /// Write the pages of all commands into this directory, which is made if need be
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    pub directory: Option<PathBuf>,
}
