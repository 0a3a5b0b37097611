//! `kalends man`: the man pages, made from the same words as `--help`.

use std::{fs, io};

use clap::{Command, CommandFactory};
use clap_mangen::{
    Man,
    roff::{Roff, roman},
};

use crate::{
    cli::{Cli, ManArgs},
    output::{
        exit::{Exit, Failure},
        stdout::Stdout,
    },
};

/// How the paragraphs under `--help` begin that are sections of their own, and what these are called.
const SECTIONS: [(&str, &str); 2] = [("Exit codes:", "EXIT STATUS"), ("Examples:", "EXAMPLES")];

/// Prints one page, or writes all of them.
///
/// # Errors
/// There is no such command (64); a page can't be written (74).
pub fn man(args: &ManArgs) -> Result<(), Failure> {
    let mut kalends = Cli::command().disable_help_subcommand(true);
    kalends.build();
    let Some(directory) = &args.directory else {
        let page = page(find(&kalends, &args.command)?).map_err(|error| Failure::new(Exit::Bug, error))?;
        return Stdout::lock().bytes(&page).map(|_| ());
    };
    fs::create_dir_all(directory).map_err(|error| Failure::file(directory, &error))?;
    for command in all(&kalends) {
        let path = directory.join(format!("{}.1", name(command)));
        let page = page(command).map_err(|error| Failure::new(Exit::Bug, error))?;
        fs::write(&path, page).map_err(|error| Failure::file(&path, &error))?;
    }
    Ok(())
}

fn find<'a>(kalends: &'a Command, names: &[String]) -> Result<&'a Command, Failure> {
    names.iter().try_fold(kalends, |command, name| {
        command.find_subcommand(name).ok_or_else(|| {
            let known: Vec<_> = command.get_subcommands().map(Command::get_name).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            let of = command.get_bin_name().unwrap_or("kalends");
            Failure::new(Exit::Usage, format!("{of} has no command `{name}`; there are: {known}"))
        })
    })
}

fn all(command: &Command) -> Vec<&Command> {
    std::iter::once(command).chain(command.get_subcommands().flat_map(all)).collect()
}

fn name(command: &Command) -> &str {
    command.get_display_name().unwrap_or_else(|| command.get_name())
}

fn page(command: &Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    let man = Man::new(command.clone())
        .title(name(command))
        .manual("kalends")
        .source(concat!("kalends ", env!("CARGO_PKG_VERSION")));
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    let lesson = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    for paragraph in lesson.split("\n\n") {
        section(paragraph).to_writer(&mut page)?;
    }
    Ok(with_one_preamble(&String::from_utf8_lossy(&page)))
}

/// Each part was rendered as if it were a page of its own.
fn with_one_preamble(page: &str) -> Vec<u8> {
    let preamble: Vec<_> =
        page.lines().take_while(|line| line.starts_with(".ie") || line.starts_with(".el")).collect();
    let rest = page.lines().filter(|line| !preamble.contains(line));
    preamble.iter().copied().chain(rest).fold(String::new(), |page, line| page + line + "\n").into_bytes()
}

/// A paragraph under `--help` as a section; lines stay as they are.
fn section(paragraph: &str) -> Roff {
    let known = SECTIONS.iter().find_map(|(begin, title)| Some((*title, paragraph.strip_prefix(begin)?)));
    let (title, text) = known.unwrap_or(("NOTES", paragraph));
    let mut roff = Roff::new();
    roff.control("SH", [title]).control("nf", []);
    for line in text.trim_start_matches('\n').lines() {
        roff.text([roman(line.trim_start_matches(' '))]);
    }
    roff.control("fi", []);
    roff
}
