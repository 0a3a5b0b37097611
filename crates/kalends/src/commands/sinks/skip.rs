//! `kalends sinks skip`: makes a dead letter of one record that a sink is stuck at.

use std::{io, path::Path};

use kalends_delivery::{Command, CommandFile, SkipPlan, noted_checkpoint};
use kalends_journal::ShardLog;
use kalends_journal_local::inspect;
use kalends_receipt::Receipt;
use kalends_settings::Settings;
use serde_json::{Value, json};

use super::{
    known,
    order::{Outcome, Source, give},
    state_directory, told_of,
};
use crate::{
    admin_client::ask_own,
    cli::SkipArgs,
    journals,
    output::{
        exit::{Exit, Failure},
        instant,
        stderr::say,
        stdout::Stdout,
    },
};

/// A skip, and what is known of it.
struct Skip<'a> {
    args: &'a SkipArgs,
    plan: SkipPlan,
    /// Who says how far the sink is.
    source: Source,
    /// The position that the running daemon says the sink is stuck at.
    stuck_at: Option<u64>,
    /// When and where the event was received; `None` where that can't be read.
    received: Option<(i64, String)>,
}

/// Makes a dead letter of one record, or says what that would mean.
pub(super) fn skip(settings: &Settings, args: &SkipArgs) -> Result<(), Failure> {
    known(settings, &args.sink)?;
    let commands = CommandFile::new(&journals::notes(settings, &args.sink));
    let file = |error: io::Error| Failure::file(Path::new(&commands.place()), &error);
    let Some(position) = args.at else { return cancel(&commands, args).map_err(file)? };
    let skip = Skip::new(settings, args, position)?;
    if skip.plan.is_delivered() {
        let message = format!(
            "position {position} is delivered to {} already: there is nothing to skip (`kalends sinks list` shows how far the sink is)",
            args.sink
        );
        return Err(Failure::new(Exit::Data, message));
    }
    if !args.yes {
        skip.tell(Outcome::Refused)?;
        return Err(Failure::new(Exit::Usage, "nothing was changed; add --yes to do it"));
    }
    if let Some(Command::Seek(to)) = commands.waiting().map_err(file)? {
        let message =
            format!("an order to go on behind position {} waits already; it comes first", to.position);
        return Err(Failure::new(Exit::Usage, message));
    }
    let done = give(&commands, Command::Skip(skip.plan.at)).map_err(file)?;
    skip.tell(if done { Outcome::Done } else { Outcome::Ordered })
}

/// Takes back an order that waits. Inside, what became of telling so.
fn cancel(commands: &CommandFile, args: &SkipArgs) -> io::Result<Result<(), Failure>> {
    let waiting = match commands.waiting()? {
        Some(Command::Skip(at)) => Some(at),
        _ => None,
    };
    if let Some(at) = waiting {
        commands.withdraw(&Command::Skip(at))?;
    }
    let canceled = waiting.map(|at| at.position);
    if args.json {
        return Ok(Stdout::lock().line(json!({ "sink": args.sink, "canceled": canceled })).map(drop));
    }
    say(match canceled {
        Some(position) => format!("the order to skip position {position}, which waited, is taken back"),
        None => format!("no order to skip a record of {} waits", args.sink),
    });
    Ok(Ok(()))
}

impl<'a> Skip<'a> {
    fn new(settings: &Settings, args: &'a SkipArgs, position: u64) -> Result<Self, Failure> {
        let directory = state_directory(settings);
        let inspection = inspect(&settings.journal.directory).map_err(|error| Failure::journal(&error))?;
        let noted = noted_checkpoint(&journals::notes(settings, &args.sink))
            .map_err(|error| Failure::file(&directory, &error))?;
        let mut plan = SkipPlan::new(inspection.log(), noted, position)
            .map_err(|failure| Failure::new(Exit::Data, failure))?;
        let told = ask_own(settings).map_err(say).ok();
        let told = told.as_ref().and_then(|told| told_of(&told.status, &args.sink));
        let source = Source::of(told, &mut plan.delivered);
        let stuck_at = told.and_then(|sink| sink.get("stuck_at")?.as_u64());
        Ok(Self { args, plan, source, stuck_at, received: received(inspection.log(), position) })
    }

    fn tell(&self, outcome: Outcome) -> Result<(), Failure> {
        if self.args.json {
            return Stdout::lock().line(self.object(outcome)).map(drop);
        }
        say(self.meaning());
        match outcome {
            Outcome::Refused => {}
            Outcome::Done => say("done"),
            Outcome::Ordered => say(format!(
                "ordered: done as soon as a daemon runs and comes to the sink; `kalends sinks list` shows that it waits, and \
                 `kalends sinks skip {} --cancel` takes it back",
                self.args.sink
            )),
        }
        Ok(())
    }

    fn object(&self, outcome: Outcome) -> Value {
        json!({
            "sink": self.args.sink,
            "at": self.plan.at.position,
            "endpoint": self.received.as_ref().map(|(_, endpoint)| endpoint),
            "received_at": self.received.as_ref().map(|(time, _)| instant::shown(*time)),
            "delivered": self.plan.delivered,
            "delivered_as_told_by": self.source.as_str(),
            "stuck_at": self.stuck_at,
            "outcome": outcome.as_str(),
        })
    }

    fn meaning(&self) -> String {
        let (sink, position) = (&self.args.sink, self.plan.at.position);
        let mut lines = vec![self.source.how_far(sink, self.plan.delivered)];
        if let Some((time, endpoint)) = &self.received {
            let time = instant::shown(*time);
            let time = time.as_str().unwrap_or_default();
            lines.push(format!("position {position} was received at {time} by endpoint {endpoint}"));
        }
        match self.stuck_at {
            Some(stuck) if stuck == position => lines.push(format!("{sink} is stuck at it")),
            Some(stuck) => lines.push(format!("{sink} is stuck at position {stuck}, which is another one")),
            None => lines.push(format!(
                "no daemon says that {sink} is stuck at it: it becomes a dead letter when the sink comes to it, whatever the \
                 destination says"
            )),
        }
        lines.push(format!(
            "{sink} gets a dead letter in its place, and the journal keeps the event; `kalends replay --sink {sink} --dead-letters` \
             delivers it later"
        ));
        lines.join("\n")
    }
}

/// When and by which endpoint the event at a position was received.
fn received(log: &dyn ShardLog, position: u64) -> Option<(i64, String)> {
    let mut reader = log.read_after(position.saturating_sub(1));
    let frame = reader.next().ok().flatten().filter(|frame| frame.position == position)?;
    let envelope = Receipt::decode(frame.payload).ok()?.envelope;
    Some((envelope.received_at, envelope.endpoint.to_owned()))
}
