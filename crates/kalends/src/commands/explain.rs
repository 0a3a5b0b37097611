//! `kalends explain`: what becomes of bodies, and why. Offline.

mod account;
mod bodies;
mod fields;
mod refused;
mod text;

use std::sync::Arc;

use jiff::Timestamp;
use kalends_normalise::{Normaliser, Plan};
use kalends_settings::{Settings, schema_catalogue::Catalogue};
use kalends_sink::JournalId;

pub(crate) use self::account::{Account, Place};

use self::{bodies::Body, refused::Refused};
use crate::{
    cli::ExplainArgs,
    output::{
        exit::{Exit, Failure},
        stdout::{Reader, Stdout, printable},
    },
};

/// Explains the bodies in files or on standard input by the schemas and topics of `settings`, one after the other.
///
/// A dead letter is an answer, not a failure; so is a body that the listener refuses.
///
/// # Errors
/// A body can't be read (74); those before it are explained. A schema of the configuration is wrong (78).
pub fn explain(args: &ExplainArgs, settings: &Settings) -> Result<(), Failure> {
    let schemas = Catalogue::read(settings.schemas.directory.as_deref(), settings.timestamps.into())
        .map_err(|faults| Failure::new(Exit::Configuration, faults))?;
    let plan = Arc::new(schemas.plan);
    let mut explainer = Explainer {
        normaliser: Normaliser::new(Arc::clone(&plan)),
        plan,
        settings,
        json: args.json,
        is_one: args.files.len() == 1 && !args.lines,
        out: Stdout::lock(),
    };
    for file in &args.files {
        let mut bodies = bodies::open(file, args.lines)?;
        while let Some(body) = bodies.next()? {
            if explainer.explain(&body)? == Reader::Gone {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The journal in which an explained body would be the first.
const NOBODYS: JournalId = JournalId::new([0; 16]);

struct Explainer<'a> {
    normaliser: Normaliser,
    plan: Arc<Plan>,
    settings: &'a Settings,
    json: bool,
    /// Whether there is no more than one body, which needs no name.
    is_one: bool,
    out: Stdout,
}

impl Explainer<'_> {
    fn explain(&mut self, body: &Body) -> Result<Reader, Failure> {
        let refused = Refused::of(&body.bytes, self.settings.listen.max_body);
        match refused {
            Some(refused) if self.json => self.out.line(refused.json(&body.name)),
            Some(refused) => self.print(body, vec![refused.line()]),
            None => self.account(body),
        }
    }

    fn account(&mut self, body: &Body) -> Result<Reader, Failure> {
        let place = Place {
            endpoint: self.settings.endpoints.keys().next().map_or("main", String::as_str),
            received_at: Timestamp::now().as_microsecond(),
            journal: NOBODYS,
            position: 1,
            traceparent: None,
            tracestate: None,
        };
        let account = Account::of(&body.bytes, &place, &mut self.normaliser, &self.plan, self.settings);
        let bug = |error| Failure::new(Exit::Bug, error);
        if self.json {
            return self.out.line(account.to_json(&body.name).map_err(bug)?);
        }
        self.print(body, text::lines(&account).map_err(bug)?)
    }

    fn print(&mut self, body: &Body, mut lines: Vec<String>) -> Result<Reader, Failure> {
        if !self.is_one {
            lines.insert(0, format!("body         {}", body.name));
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
