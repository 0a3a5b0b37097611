use std::{
    io,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use kalends_delivery::{Command, CommandFile, SeekPlan, noted_checkpoint};
use kalends_journal::SinkNotes;
use kalends_journal_local::inspect;
use kalends_settings::Settings;
use serde_json::{Value, json};

use super::{known, told_of};
use crate::{
    admin_client::ask_own,
    cli::{ResumeArgs, SeekArgs, SeekTargetArg},
    journals,
    output::{
        exit::{Exit, Failure},
        stderr::say,
        stdout::Stdout,
    },
};

/// How long a running daemon may take to carry a command out.
const PATIENCE: Duration = Duration::from_secs(5);

/// Chooses where a sink goes on, or says what that would mean.
pub(super) fn seek(settings: &Settings, args: &SeekArgs) -> Result<(), Failure> {
    known(settings, &args.sink)?;
    let sink_notes = journals::notes(settings, &args.sink);
    let Some(SeekTargetArg(target)) = args.to else { return cancel(&sink_notes, args) };
    let inspection = inspect(&settings.journal.directory).map_err(|error| Failure::journal(&error))?;
    let noted = noted_checkpoint(&sink_notes).unwrap_or_else(|error| {
        say(format!(
            "what was noted of the sink can't be read ({error}), so that it is unknown how far it is"
        ));
        None
    });
    let mut course = SeekPlan::new(inspection.log(), noted, target)
        .map_err(|failure| Failure::new(Exit::Data, failure))?;
    let source = ask_how_far(settings, &args.sink, &mut course);
    if !args.yes {
        tell(args, &course, source, Outcome::Refused)?;
        return Err(Failure::new(Exit::Usage, "nothing was changed; add --yes to do it"));
    }
    let commands = CommandFile::new(&sink_notes);
    let done = give(&commands, Command::Seek(course.to))
        .map_err(|error| Failure::file(Path::new(&commands.place()), &error))?;
    tell(args, &course, source, if done { Outcome::Done } else { Outcome::Ordered })
}

/// Takes back a seek that waits.
fn cancel(sink_notes: &SinkNotes, args: &SeekArgs) -> Result<(), Failure> {
    let commands = CommandFile::new(sink_notes);
    let file = |error: io::Error| Failure::file(Path::new(&commands.place()), &error);
    let waiting = match commands.waiting().map_err(file)? {
        Some(Command::Seek(to)) => Some(to),
        _ => None,
    };
    if let Some(to) = waiting {
        commands.withdraw(&Command::Seek(to)).map_err(file)?;
    }
    let canceled = waiting.map(|to| to.position + 1);
    if args.json {
        return Stdout::lock().line(json!({ "sink": args.sink, "canceled": canceled })).map(drop);
    }
    say(match canceled {
        Some(position) => {
            format!("the seek that waited, to go on with position {position}, is taken back")
        }
        None => format!("no seek of {} waits", args.sink),
    });
    Ok(())
}

/// Who says how far a sink is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// The daemon that runs.
    Daemon,
    /// What was noted last, which may be behind the destination.
    Note,
}

impl Source {
    /// The running daemon knows better than the note how far a sink is; where its destination has not told it yet, it knows no more
    /// than the note, which may be of another journal.
    pub(super) fn of(sink: Option<&Value>, delivered: &mut Option<u64>) -> Self {
        let is_running = sink.and_then(|sink| sink.get("state")).is_some_and(|state| state == "running");
        match sink.and_then(|sink| sink.get("position")?.as_u64()) {
            Some(position) if is_running || delivered.is_some() => {
                *delivered = Some(position);
                Self::Daemon
            }
            _ => Self::Note,
        }
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Daemon => "daemon",
            Self::Note => "note",
        }
    }

    /// How far a sink is, in words.
    pub(super) fn how_far(self, sink: &str, delivered: Option<u64>) -> String {
        match (delivered, self) {
            (Some(position), Self::Daemon) => {
                format!("{sink} is at position {position}, as the running daemon says")
            }
            (Some(position), Self::Note) => format!(
                "{sink} was last noted at position {position} of this journal: that is where it is after an orderly stop, else it may be further"
            ),
            (None, _) => format!("{sink} has no note of this journal"),
        }
    }
}

fn ask_how_far(settings: &Settings, sink: &str, course: &mut SeekPlan) -> Source {
    let told = ask_own(settings).map_err(say).ok();
    let sink = told.as_ref().and_then(|told| told_of(&told.status, sink));
    Source::of(sink, &mut course.delivered)
}

/// What became of a wish to go on elsewhere, or past a record.
#[derive(Debug, Clone, Copy)]
pub(super) enum Outcome {
    /// `--yes` is missing.
    Refused,
    /// The running daemon has taken it up.
    Done,
    /// It waits for a daemon.
    Ordered,
}

impl Outcome {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Done => "done",
            Self::Ordered => "ordered",
        }
    }
}

fn tell(args: &SeekArgs, course: &SeekPlan, source: Source, outcome: Outcome) -> Result<(), Failure> {
    if args.json {
        return Stdout::lock().line(object(&args.sink, course, source, outcome)).map(drop);
    }
    say(meaning(&args.sink, course, source));
    match outcome {
        Outcome::Refused => {}
        Outcome::Done => say("done"),
        Outcome::Ordered => say(format!(
            "ordered: done as soon as a daemon runs and reaches the sink; `kalends sinks list` shows that it waits, and \
             `kalends sinks seek {} --cancel` takes it back",
            args.sink
        )),
    }
    Ok(())
}

fn object(sink: &str, course: &SeekPlan, source: Source, outcome: Outcome) -> Value {
    let range =
        |range: Option<(u64, u64)>| range.map(|(first, last)| json!({ "first": first, "last": last }));
    json!({
        "sink": sink,
        "delivered": course.delivered,
        "delivered_as_told_by": source.as_str(),
        "goes_on_with": course.to.position + 1,
        "skipped": range(course.skipped()),
        "repeated": range(course.repeated()),
        "outcome": outcome.as_str(),
    })
}

/// Has the daemon try a sink again.
pub(super) fn resume(settings: &Settings, args: &ResumeArgs) -> Result<(), Failure> {
    let sink = &args.sink;
    known(settings, sink)?;
    let orders = CommandFile::new(&journals::notes(settings, sink));
    let file = |error: &io::Error| Failure::file(Path::new(&orders.place()), error);
    if let Some(Command::Seek(to)) = orders.waiting().map_err(|error| file(&error))? {
        let message =
            format!("an order to go on behind position {} waits already; it comes first", to.position);
        return Err(Failure::new(Exit::Usage, message));
    }
    let command = if args.dead_letter { Command::DeadLetter } else { Command::Resume };
    let taken = give(&orders, command).map_err(|error| file(&error))?;
    if !taken {
        orders.withdraw(&command).map_err(|error| file(&error))?;
    }
    if args.json {
        Stdout::lock().line(json!({ "sink": sink, "tries_again": taken })).map(drop)?;
    } else if taken {
        say("the sink tries again; `kalends sinks list` shows how it goes");
    }
    if taken {
        return Ok(());
    }
    let journal = settings.journal.directory.display();
    Err(Failure::new(
        Exit::Unavailable,
        format!(
            "nobody has taken the order within {} s, and it is withdrawn: no daemon that owns the journal {journal} runs, so start \
             it; or it is busy connecting this sink (`kalends sinks list` tells), so try again",
            PATIENCE.as_secs()
        ),
    ))
}

fn meaning(sink: &str, course: &SeekPlan, source: Source) -> String {
    let mut lines = vec![source.how_far(sink, course.delivered)];
    lines.push(format!("it goes on with position {}", course.to.position + 1));
    if let Some((first, last)) = course.skipped() {
        lines.push(format!("positions {first} to {last} are never delivered to it, unless they were before"));
    }
    if let Some((first, last)) = course.repeated() {
        lines.push(format!("positions {first} to {last} are delivered to it again"));
    }
    lines.join("\n")
}

/// Gives a command, and waits for a running daemon to carry it out: whether it is on record within [`PATIENCE`].
pub(super) fn give(commands: &CommandFile, command: Command) -> io::Result<bool> {
    let so_far = commands.carried_out_so_far()?;
    commands.give(&command)?;
    let began = Instant::now();
    loop {
        if commands.was_carried_out(&command, so_far)? {
            return Ok(true);
        }
        if began.elapsed() >= PATIENCE {
            return Ok(false);
        }
        thread::park_timeout(Duration::from_millis(50));
    }
}
