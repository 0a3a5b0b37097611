use clap::{Args, Subcommand};

use super::{Configuration, help_text, replay::time};

/// Options of `kalends dead-letters`.
#[derive(Debug, Clone, Args)]
pub struct DeadLettersArgs {
    /// Which configuration.
    #[command(flatten)]
    pub configuration: Configuration,
    /// What to do with them.
    #[command(subcommand)]
    pub command: DeadLettersCommand,
}

/// What to do with dead letters.
#[derive(Debug, Clone, Subcommand)]
pub enum DeadLettersCommand {
    /// Name each dead letter that the journal has: position, time, endpoint, reason, length; nothing personal
    #[command(after_help = help_text::DEAD_LETTERS_LIST)]
    List(LettersArgs),
    /// Show one dead letter: why it is one, its message's topic, key and headers, and with --body what was received
    #[command(after_help = help_text::DEAD_LETTERS_SHOW)]
    Show(LetterArgs),
}

/// Options of `kalends dead-letters list`.
#[derive(Debug, Clone, Args)]
pub struct LettersArgs {
    /// Only those that this sink was given, by its name in the configuration
    #[arg(long, value_name = "NAME")]
    pub sink: Option<String>,
    /// Only webhooks received at or after this time, such as 2026-01-31T00:00:00Z [default: all that are kept]
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub from: Option<i64>,
    /// Only webhooks received before this time [default: all there are now]
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub to: Option<i64>,
    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
}

/// Options of `kalends dead-letters show`.
#[derive(Debug, Clone, Args)]
pub struct LetterArgs {
    /// The journal position
    #[arg(value_name = "POSITION")]
    pub position: u64,
    /// Also print the body as it was received
    #[arg(long)]
    pub body: bool,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}
