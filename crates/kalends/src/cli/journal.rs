use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Configuration, help_text};

/// Options of `kalends journal`.
#[derive(Debug, Clone, Args)]
pub struct JournalArgs {
    /// Which configuration.
    #[command(flatten)]
    pub configuration: Configuration,
    /// What to do with it.
    #[command(subcommand)]
    pub command: JournalCommand,
}

/// What to do with a journal.
#[derive(Debug, Clone, Subcommand)]
pub enum JournalCommand {
    /// Show what the journal holds; works beside a running daemon
    #[command(after_help = help_text::JOURNAL_STAT)]
    Stat(StatArgs),
    /// Read every byte and report each damaged place; works beside a running daemon; exits 74 when there is damage
    #[command(after_help = help_text::JOURNAL_VERIFY)]
    Verify(StatArgs),
    /// Set damaged bytes aside and put on record what is missing, so that the rest is readable; needs a stopped daemon
    #[command(after_help = help_text::JOURNAL_REPAIR)]
    Repair(RepairArgs),
    /// Give a journal that was put back from a backup, or copied, another identity, so that no position is given twice; needs a
    /// stopped daemon
    #[command(after_help = help_text::JOURNAL_ADOPT)]
    Adopt(AdoptArgs),
    /// Print receipts as JSON lines; works beside a running daemon
    #[command(after_help = help_text::JOURNAL_CAT)]
    Cat(JournalCatArgs),
}

/// Which journal.
#[derive(Debug, Clone, Args)]
pub struct JournalPlace {
    /// The journal's directory, in place of the configuration's
    #[arg(long, value_name = "DIR")]
    pub directory: Option<PathBuf>,
}

/// Options of `kalends journal stat` and `verify`.
#[derive(Debug, Clone, Args)]
pub struct StatArgs {
    /// Which journal.
    #[command(flatten)]
    pub place: JournalPlace,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Options of `kalends journal repair`.
#[derive(Debug, Clone, Args)]
pub struct RepairArgs {
    /// Which journal.
    #[command(flatten)]
    pub place: JournalPlace,
    /// Repair; without it, only say what would be done
    #[arg(long)]
    pub yes: bool,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Options of `kalends journal adopt`.
#[derive(Debug, Clone, Args)]
pub struct AdoptArgs {
    /// Which journal.
    #[command(flatten)]
    pub place: JournalPlace,
    /// Do it; without it, only say what it means for each sink
    #[arg(long)]
    pub yes: bool,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Options of `kalends journal cat`.
#[derive(Debug, Clone, Args)]
pub struct JournalCatArgs {
    /// Which journal.
    #[command(flatten)]
    pub place: JournalPlace,
    /// Only the receipt at this position
    #[arg(long, value_name = "POSITION", conflicts_with_all = ["from", "to", "count"])]
    pub at: Option<u64>,
    /// First position [default: the oldest that is kept]
    #[arg(long, value_name = "POSITION")]
    pub from: Option<u64>,
    /// Last position [default: the newest]
    #[arg(long, value_name = "POSITION")]
    pub to: Option<u64>,
    /// Most receipts to print
    #[arg(long, value_name = "NUMBER")]
    pub count: Option<u64>,
    /// The body alone, byte for byte as it came
    #[arg(long, requires = "at")]
    pub body: bool,
}
