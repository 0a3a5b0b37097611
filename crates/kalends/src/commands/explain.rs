//! `kalends explain`: what becomes of webhooks, and why. Asks delivery's own decoder and encoder, and the kind of each sink.

mod account;
mod bodies;
mod explainer;
mod fields;
mod place;
mod refused;
mod text;

use std::sync::Arc;

use kalends_settings::{SecretUse, Settings, schema_catalogue::Catalogue};

pub(crate) use self::{account::Account, explainer::Explainer, fields::Fields};

use self::{bodies::Body, refused::Refused};
use crate::{
    cli::ExplainArgs,
    commands::sinks::known,
    output::{
        exit::{Exit, Failure},
        stdout::{Reader, Stdout, printable},
    },
};

/// Explains the bodies in files or on standard input, one after the other, or a webhook of the journal.
///
/// A dead letter is an answer, not a failure; so is a body that the listener refuses.
///
/// # Errors
/// There is no such sink or endpoint (64), or no webhook at the position (65); a body or the journal can't be read (74), and those before
/// it are explained; the configuration or a schema of it is wrong (78).
pub fn explain(args: &ExplainArgs) -> Result<(), Failure> {
    let secrets = args.sink.as_deref().map_or(SecretUse::None, SecretUse::HashKey);
    let settings = args.configuration.settings_with(secrets)?;
    if let Some(sink) = &args.sink {
        known(&settings, sink)?;
    }
    let schemas = Catalogue::read(settings.schemas.directory.as_deref(), settings.timestamps.into())
        .map_err(|faults| Failure::new(Exit::Configuration, faults))?;
    let plan = Arc::new(schemas.plan);
    let (is_one, out) = (args.bodies.len() == 1 && !args.lines, Stdout::lock());
    let mut printer = Printer { json: args.json, is_one, out };
    if let Some(at) = args.at {
        let account = place::at(&settings, &plan, args.sink.as_deref(), at)?;
        return printer.account(&account, &format!("position {at}")).map(drop);
    }
    let endpoint = place::endpoint(&settings, args.endpoint.as_deref())?;
    let mut explainer = Explainer::new(&settings, &plan, None, args.sink.as_deref())?;
    for file in &args.bodies {
        let mut bodies = bodies::open(file, args.lines)?;
        while let Some(body) = bodies.next()? {
            if explain_body(&body, endpoint, &settings, &mut explainer, &mut printer)? == Reader::Gone {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn explain_body(
    body: &Body,
    endpoint: &str,
    settings: &Settings,
    explainer: &mut Explainer<'_>,
    printer: &mut Printer,
) -> Result<Reader, Failure> {
    match Refused::of(&body.bytes, settings.listen.max_body) {
        Some(refused) if printer.json => printer.out.line(refused.json(&body.name)),
        Some(refused) => printer.lines(&body.name, vec![refused.line()]),
        None => printer.account(&explainer.body(&body.bytes, endpoint)?, &body.name),
    }
}

struct Printer {
    json: bool,
    /// Whether there is no more than one body, which needs no name.
    is_one: bool,
    out: Stdout,
}

impl Printer {
    fn account(&mut self, account: &Account, name: &str) -> Result<Reader, Failure> {
        let bug = |error| Failure::new(Exit::Bug, error);
        if self.json {
            return self.out.line(account.to_json(name).map_err(bug)?);
        }
        self.lines(name, text::lines(account).map_err(bug)?)
    }

    fn lines(&mut self, name: &str, mut lines: Vec<String>) -> Result<Reader, Failure> {
        if !self.is_one {
            lines.insert(0, format!("body         {name}"));
            lines.push(String::new());
        }
        for line in lines {
            if self.out.line(printable(&line))? == Reader::Gone {
                return Ok(Reader::Gone);
            }
        }
        Ok(Reader::Listening)
    }
}
