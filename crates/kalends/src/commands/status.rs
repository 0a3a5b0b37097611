//! `kalends status`: what a running daemon says of itself.

mod words;

use kalends_settings::{Admin, SecretUse};
use serde_json::Value;

use crate::{
    admin_client::{Told, ask, ask_own},
    cli::StatusArgs,
    output::{
        exit::{Exit, Failure},
        pasteable::pasteable,
        stdout::{Reader, Stdout, printable},
    },
};

/// Prints what the daemon says at its operator's listener.
///
/// # Errors
/// [`Exit::Unavailable`] when no daemon answers, or another one than the configuration's, or when it is asked only whether it is
/// ready, and it isn't.
pub fn status(args: &StatusArgs) -> Result<(), Failure> {
    let told = match args.address {
        // With an address, a configuration that can't be read is in nobody's way.
        Some(address) => {
            let settings = args.configuration.settings_with(SecretUse::None);
            let tls = settings.ok().and_then(|settings| settings.admin.tls);
            ask(&Admin { address, tls })
        }
        None => ask_own(&args.configuration.settings_with(SecretUse::None)?),
    };
    let Told { text, status, .. } = told.map_err(|silence| Failure::new(Exit::Unavailable, silence))?;
    let text = match status.get("ready").and_then(Value::as_bool) {
        _ if args.json => text,
        _ if !args.ready => words::of(&status),
        Some(true) => "ready".to_owned(),
        _ => {
            let reason = status.get("not_ready_because").and_then(Value::as_str).unwrap_or_default();
            return Err(Failure::new(Exit::Unavailable, format!("not ready: {}", printable(reason))));
        }
    };
    let mut out = Stdout::lock();
    for line in text.lines() {
        if out.line(pasteable(&printable(line)))? == Reader::Gone {
            break;
        }
    }
    Ok(())
}
