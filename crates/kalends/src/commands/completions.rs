//! `kalends completions`: what a shell needs to complete the command line.

use clap::CommandFactory;

use crate::{
    cli::{Cli, CompletionsArgs},
    output::{exit::Failure, stdout::Stdout},
};

/// Prints the script for a shell.
///
/// # Errors
/// Standard output can't be written.
pub fn completions(args: &CompletionsArgs) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "kalends", &mut script);
    Stdout::lock().bytes(&script).map(|_| ())
}
