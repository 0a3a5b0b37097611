//! The running daemon of a configuration, and what it says of itself.

pub mod inquiry;
mod pinned;
mod tls;

use std::path::PathBuf;

use kalends_settings::{Admin, Settings, server_tls::Fault};
use kalends_sink::JournalId;
use serde_json::Value;

use self::inquiry::Inquiry;

use crate::{commands::run::runtime, output::stdout::printable};

const PATH: &str = "/status";

/// What a daemon says of itself.
#[derive(Debug)]
pub struct Told {
    /// Where it was asked.
    pub url: String,
    /// As it came.
    pub text: String,
    /// The same, read.
    pub status: Value,
}

/// Why nothing is known from a daemon itself.
#[derive(Debug, thiserror::Error)]
pub enum Silence {
    /// It can't be asked with this configuration.
    #[error("admin.tls.{0}")]
    Tls(#[from] Fault),
    /// Nobody answers, or not as a daemon does.
    #[error("{url}: {reason}; is kalends running, and are this its admin.address and admin.tls?")]
    NoAnswer {
        /// Where it was asked.
        url: String,
        /// What came instead.
        reason: String,
    },
    /// Another daemon answers.
    #[error(
        "{url}: the daemon there has the journal {theirs}, and {} is {own}: it is not the one of this configuration; give each an \
         admin.address of its own",
        directory.display()
    )]
    Stranger {
        /// Where it was asked.
        url: String,
        /// Its journal.
        theirs: String,
        /// This configuration's journal.
        own: JournalId,
        /// Where that is.
        directory: PathBuf,
    },
}

/// Asks the daemon at an operator's listener, whosever it is.
///
/// # Errors
/// [`Silence`], but for a stranger.
pub fn ask(admin: &Admin) -> Result<Told, Silence> {
    let inquiry = Inquiry::new(admin.address, admin.tls.as_ref())?;
    let silence = |reason: &dyn std::fmt::Display| Silence::NoAnswer {
        url: inquiry.url(PATH),
        reason: reason.to_string(),
    };
    let runtime = runtime().map_err(|error| silence(&error))?;
    let (code, text) = runtime.block_on(inquiry.get(PATH)).map_err(|error| silence(&error))?;
    if code != 200 {
        return Err(silence(&format!("the answer is {code}")));
    }
    let status = serde_json::from_str(&text)
        .map_err(|error| silence(&format!("the answer is no status ({error})")))?;
    Ok(Told { url: inquiry.url(PATH), text, status })
}

/// Asks the daemon of a configuration: the one that has its journal. A journal that isn't there, or can't be read by this user,
/// leaves that open.
///
/// # Errors
/// [`Silence`].
pub fn ask_own(settings: &Settings) -> Result<Told, Silence> {
    let told = ask(&settings.admin)?;
    let directory = &settings.journal.directory;
    let theirs = told.status.pointer("/journal/id").and_then(Value::as_str);
    let own = kalends_journal_local::id_of(directory);
    match theirs.zip(own) {
        Some((theirs, own)) if theirs != own.to_string() => Err(Silence::Stranger {
            theirs: printable(theirs).into_owned(),
            url: told.url,
            own,
            directory: directory.clone(),
        }),
        _ => Ok(told),
    }
}
