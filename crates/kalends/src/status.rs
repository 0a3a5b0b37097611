//! `kalends status`: what a running daemon says of itself.

mod words;

use serde_json::Value;

use crate::{
    cli::StatusArgs,
    exit::{Exit, Failure},
    inquiry::Inquiry,
    run::runtime,
    settings::Admin,
    stdout::Stdout,
};

/// Prints what the daemon says at its operator's listener.
///
/// # Errors
/// [`Exit::Unavailable`] when no daemon answers, or when it is asked only whether it is ready, and it isn't.
pub fn status(args: &StatusArgs) -> Result<(), Failure> {
    let inquiry = inquiry(args)?;
    let path = if args.ready { "/readyz" } else { "/status" };
    let no_answer = |reason: &dyn std::fmt::Display| {
        let hint = "is kalends running, and are this its admin.address and admin.tls?";
        Failure::new(Exit::Unavailable, format!("{}: {reason}; {hint}", inquiry.url(path)))
    };
    let (status, body) = runtime()?.block_on(inquiry.get(path)).map_err(|error| no_answer(&error))?;
    if args.ready && status == 503 {
        return Err(Failure::new(Exit::Unavailable, format!("not ready: {}", body.trim_end())));
    }
    if status != 200 {
        return Err(no_answer(&format!("the answer is {status}")));
    }
    let text = if args.ready || args.json {
        body.trim_end().to_owned()
    } else {
        let told: Value = serde_json::from_str(&body).map_err(|error| no_answer(&error))?;
        words::of(&told)
    };
    Stdout::lock().line(text).map(|_| ())
}

fn inquiry(args: &StatusArgs) -> Result<Inquiry, Failure> {
    let admin = match args.address {
        // With an address, a configuration that can't be read is in nobody's way.
        Some(address) => {
            let tls = args.configuration.read().ok().and_then(|settings| settings.admin.tls);
            Admin { address, tls }
        }
        None => args.configuration.settings()?.admin,
    };
    Inquiry::new(admin.address, admin.tls.as_ref())
        .map_err(|fault| Failure::new(Exit::Unavailable, format!("admin.tls.{fault}")))
}
