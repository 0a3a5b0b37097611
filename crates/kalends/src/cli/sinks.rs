use std::str::FromStr;

use clap::{Args, Subcommand};
use kalends_delivery::{SeekTarget, Start};

use super::{Configuration, help_text};

/// Options of `kalends sinks`.
#[derive(Debug, Clone, Args)]
pub struct SinksArgs {
    /// Which configuration.
    #[command(flatten)]
    pub configuration: Configuration,
    /// What to do with them.
    #[command(subcommand)]
    pub command: SinksCommand,
}

/// What to do with sinks.
#[derive(Debug, Clone, Subcommand)]
pub enum SinksCommand {
    /// Show each sink's kind, state, position and lag: as the running daemon says, else as was noted last
    #[command(after_help = help_text::SINKS_LIST)]
    List {
        /// Print one JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Choose where a sink goes on; says what that skips or repeats, and does it with --yes
    #[command(after_help = help_text::SINKS_SEEK)]
    Seek(SeekArgs),
    /// Make a dead letter of one record that a sink is stuck at; says what that means, and does it with --yes
    #[command(after_help = help_text::SINKS_SKIP)]
    Skip(SkipArgs),
    /// List the events that may stand twice at their destination, the oldest first, as sinks have noted them
    #[command(after_help = help_text::SINKS_DOUBTS)]
    Doubts(DoubtsArgs),
    /// Have the running daemon try a sink again now, and take over again if another process had taken over
    #[command(after_help = help_text::SINKS_RESUME)]
    Resume(ResumeArgs),
}

/// Options of `kalends sinks seek`.
#[derive(Debug, Clone, Args)]
pub struct SeekArgs {
    /// The sink's name in the configuration
    #[arg(value_name = "NAME")]
    pub sink: String,
    /// What it goes on with: earliest, latest, a journal position, or a time such as 2026-01-31T00:00:00Z
    #[arg(long, value_name = "WHERE", required_unless_present = "cancel")]
    pub to: Option<SeekTargetArg>,
    /// Do it; without it, only say what it skips or repeats
    #[arg(long)]
    pub yes: bool,
    /// Take back a seek that waits
    #[arg(long, conflicts_with_all = ["to", "yes"])]
    pub cancel: bool,
    /// Print what it means and what became of it as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Options of `kalends sinks skip`.
#[derive(Debug, Clone, Args)]
pub struct SkipArgs {
    /// The sink's name in the configuration
    #[arg(value_name = "NAME")]
    pub sink: String,
    /// The record's journal position, which the sink's last error names
    #[arg(long, value_name = "POSITION", required_unless_present = "cancel")]
    pub at: Option<u64>,
    /// Do it; without it, only say what it means
    #[arg(long)]
    pub yes: bool,
    /// Take back an order to skip that waits
    #[arg(long, conflicts_with_all = ["at", "yes"])]
    pub cancel: bool,
    /// Print what it means and what became of it as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Options of `kalends sinks doubts`.
#[derive(Debug, Clone, Args)]
pub struct DoubtsArgs {
    /// The sink's name in the configuration; left out: every sink whose kind has doubts
    #[arg(value_name = "NAME")]
    pub sink: Option<String>,
    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
}

/// Options of `kalends sinks resume`.
#[derive(Debug, Clone, Args)]
pub struct ResumeArgs {
    /// The sink's name in the configuration
    #[arg(value_name = "NAME")]
    pub sink: String,
    /// Make dead letters of the records that the destination refuses again and again, until it accepts one of their stream
    #[arg(long)]
    pub dead_letter: bool,
    /// Print what became of it as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Where a sink goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeekTargetArg(pub SeekTarget);

impl FromStr for SeekTargetArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(position) = text.parse() {
            return Ok(Self(SeekTarget::Position(position)));
        }
        let start = text.parse::<kalends_settings::Start>().map_err(|_| {
            format!("`{text}` is no place; write earliest, latest, a position or a time such as 2026-01-31T00:00:00Z")
        })?;
        Ok(Self(SeekTarget::Start(match start {
            kalends_settings::Start::Earliest => Start::Earliest,
            kalends_settings::Start::Latest => Start::Latest,
            kalends_settings::Start::At(time) => Start::Time(time),
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_word_a_position_or_a_time() {
        for (text, target) in [
            ("earliest", SeekTarget::Start(Start::Earliest)),
            ("17", SeekTarget::Position(17)),
            ("1970-01-01T00:00:01Z", SeekTarget::Start(Start::Time(1_000_000))),
        ] {
            assert_eq!(text.parse(), Ok(SeekTargetArg(target)), "{text}");
        }
        assert!("-1".parse::<SeekTargetArg>().unwrap_err().contains("earliest"));
    }
}
