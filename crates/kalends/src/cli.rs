//! The command line.

mod check;
mod configuration;
mod dead_letters;
mod forget;
mod help_text;
mod journal;
mod manual;
mod offline;
mod replay;
mod run;
mod schemas;
mod sinks;
mod status;
mod tap;

pub use check::CheckArgs;
pub use configuration::{ConfigArgs, Configuration};
pub use dead_letters::{DeadLettersArgs, DeadLettersCommand, LetterArgs, LettersArgs};
pub use forget::ForgetArgs;
pub use journal::{
    AdoptArgs, JournalArgs, JournalCatArgs, JournalCommand, JournalPlace, RepairArgs, StatArgs,
};
pub use manual::{CompletionsArgs, ManArgs};
pub use offline::{CatArgs, DemoArgs, ExplainArgs, SendArgs};
pub use replay::ReplayArgs;
pub use run::RunArgs;
pub use schemas::{SchemasArgs, SchemasCommand};
pub use sinks::{DoubtsArgs, ResumeArgs, SeekArgs, SeekTargetArg, SinksArgs, SinksCommand, SkipArgs};
pub use status::StatusArgs;
pub use tap::TapArgs;

use clap::{Parser, Subcommand};

/// Turns Rokt Calendar webhooks into Avro records on Kafka topics split by event type.
#[derive(Debug, Parser)]
#[command(name = "kalends", version, max_term_width = 100, after_help = help_text::KALENDS)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Receive webhooks and deliver records until told to stop
    #[command(after_help = help_text::RUN)]
    Run(RunArgs),
    /// Report every problem of the configuration; with --connect also of brokers, topics, rights and disks
    #[command(after_help = help_text::CHECK)]
    Check(CheckArgs),
    /// Print the configuration in effect: file, variables and defaults together; secrets stay references
    #[command(after_help = help_text::CONFIG)]
    Config(ConfigArgs),
    /// Ask a running daemon how it is
    #[command(after_help = help_text::STATUS)]
    Status(StatusArgs),
    /// See it work: post the sender's own samples to a daemon of its own and show what comes out
    #[command(after_help = help_text::DEMO)]
    Demo(DemoArgs),
    /// Show what becomes of webhook bodies: topic, key, headers, record, oddities; or why one is a dead letter
    #[command(after_help = help_text::EXPLAIN)]
    Explain(ExplainArgs),
    /// Print what a sink gets, from now on or from a position on, as JSON lines
    #[command(after_help = help_text::TAP)]
    Tap(TapArgs),
    /// List, show, check or register the Avro schemas of the records
    #[command(after_help = help_text::SCHEMAS)]
    Schemas(SchemasArgs),
    /// Post made-up events of all eight types over HTTP, and show answers and latencies
    #[command(after_help = help_text::SEND)]
    Send(SendArgs),
    /// Print the records of Avro files as JSON lines
    #[command(after_help = help_text::CAT)]
    Cat(CatArgs),
    /// Look at the journal of stored webhooks, verify it, repair it, print from it
    #[command(after_help = help_text::JOURNAL)]
    Journal(JournalArgs),
    /// List dead letters and why they are, show one of them
    #[command(after_help = help_text::DEAD_LETTERS)]
    DeadLetters(DeadLettersArgs),
    /// Deliver to one sink once more what the journal still has, beside a running daemon or without one
    #[command(after_help = help_text::REPLAY)]
    Replay(ReplayArgs),
    /// Let nothing personal of somebody leave the journal any more; says what that means, and does it with --yes
    #[command(after_help = help_text::FORGET)]
    Forget(ForgetArgs),
    /// List sinks, choose where one goes on, have one on hold try again
    #[command(after_help = help_text::SINKS)]
    Sinks(SinksArgs),
    /// Print a script that teaches a shell to complete kalends' commands and options
    #[command(after_help = help_text::COMPLETIONS)]
    Completions(CompletionsArgs),
    /// Print the man page of kalends or of one of its commands, or write all of them into a directory
    #[command(after_help = help_text::MAN)]
    Man(ManArgs),
}
