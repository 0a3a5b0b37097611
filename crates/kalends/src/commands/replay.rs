//! `kalends replay`: delivers to one sink once more what the journal still has.
//!
//! A process of its own: it reads the journal's directory without its lock, whether a daemon runs or not, and is somebody else
//! at the destination (another `transactional.id`, another folder). It has a checkpoint there, under its own name, so that
//! one that died goes on where it was; live delivery has no part in it, and notices nothing.

mod course;
mod destination;
mod drive;
mod note;
mod pace;
mod report;

use std::sync::Arc;

use kalends_delivery::{
    Clock, ForgetList, ReplayFilter, Settings as DeliverySettings, SinkSettings, Start, noted_dead_letters,
    position_before_received,
};
use kalends_journal::ShardLog;
use kalends_journal_local::inspect;
use kalends_normalise::Plan;
use kalends_settings::{
    Log as LogSettings, LogLevel, SecretUse, Settings, Sink, altered_fields, schema_catalogue::Catalogue,
};
use kalends_sink::{Context, SharedMetrics};
use kalends_trace::Tracer;

use self::{course::ReplayRun, note::Note, pace::Tally, report::Report};
use crate::{
    cli::ReplayArgs,
    daemon, journals,
    output::{
        exit::{Exit, Failure},
        logging,
        pasteable::pasteable,
        stdout::Stdout,
    },
    sink_streams,
};

/// Replays as `args` say.
///
/// # Errors
/// The configuration or the command line can't be used (78, 64); the journal can't be read or no longer has what is to be
/// replayed (74); the destination refuses (69).
pub fn replay(args: &ReplayArgs) -> Result<(), Failure> {
    let settings = args.configuration.settings_with(SecretUse::Sink(&args.sink))?;
    logging::start(LogSettings { level: LogLevel::Warn, ..settings.log });
    let schemas = Catalogue::read(settings.schemas.directory.as_deref(), settings.timestamps.into());
    let plan = Arc::new(schemas.map_err(|faults| Failure::new(Exit::Configuration, faults))?.plan);
    let sink = settings.sinks.get(&args.sink).ok_or_else(|| unknown_sink(args, &settings))?;
    check_types(args, &plan)?;
    let inspection = inspect(&settings.journal.directory).map_err(|error| Failure::journal(&error))?;
    let log = inspection.shared_log();
    let mut note = Note::of(args, &*log)?;
    if !args.dry_run {
        note.keep(&settings.journal.directory, args)?;
    }
    let tally = Tally::default();
    let report = Report::new(&note, tally.clone(), plan.records().iter().map(|record| record.name.clone()));
    let in_place = sink.own.replays_in_place();
    let course = ReplayRun {
        directory: settings.journal.directory.clone(),
        sink: args.sink.clone(),
        through: note.through.min(log.last_frame().position),
        after: begin(&*log, &note, in_place)?,
        log: log.clone(),
        choice: choice(&note, &settings, in_place)?,
        settings: DeliverySettings {
            window: settings.deduplicate.window,
            state: (!args.dry_run)
                .then(|| journals::state_in(&settings.journal.directory.join(note::FOLDER))),
            forget_list: Some(ForgetList::of(&settings.journal.directory)),
            counted_after: None,
            configuration: None,
            tracer: Tracer::default(),
        },
        plan,
        clock: Clock::new(daemon::now),
        id: note.id.clone(),
    };
    let ended = drive::drive(&course, || destination(args, &settings, sink, &course, &tally));
    let mut out = Stdout::lock();
    let told = if args.json {
        out.line(report.json(args.dry_run, ended.is_ok()))
    } else {
        out.line(pasteable(&report.text(args.dry_run)))
    };
    ended.and(told.map(drop))
}

/// The sink as the replay delivers to it: beside live delivery, never in its place.
fn destination(
    args: &ReplayArgs,
    settings: &Settings,
    sink: &Sink,
    course: &ReplayRun,
    tally: &Tally,
) -> Result<SinkSettings, Failure> {
    let altered = altered_fields(&course.plan, sink);
    let notes = settings.journal.directory.join(note::FOLDER);
    let metrics = SharedMetrics::default();
    let context = Context {
        replay: Some(&course.id),
        notes: (!args.dry_run).then_some(&*notes),
        now: daemon::now(),
        max_body: settings.listen.max_body.bytes(),
        altered: &altered,
        ..Context::new(&args.sink, &metrics)
    };
    let inner = if args.dry_run {
        destination::nowhere()
    } else {
        sink.own.build(&context).map_err(|error| Failure::new(Exit::Configuration, error))?
    };
    let paced = Box::new(pace::Paced::new(inner, args.rate, tally.clone()));
    let live = sink_streams::delivery(context.identity(), sink, &course.plan, paced);
    Ok(SinkSettings { required: true, start: Start::Earliest, ..live })
}

fn unknown_sink(args: &ReplayArgs, settings: &Settings) -> Failure {
    let names: Vec<_> = settings.sinks.keys().map(String::as_str).collect();
    let message = format!("no sink is called {}; the configuration has: {}", args.sink, names.join(", "));
    Failure::new(Exit::Usage, message)
}

fn check_types(args: &ReplayArgs, plan: &Plan) -> Result<(), Failure> {
    let names = || plan.records().iter().map(|record| record.name.as_str());
    match args.types.iter().find(|name| !names().any(|known| known == name.as_str())) {
        None => Ok(()),
        Some(name) => {
            let known = names().collect::<Vec<_>>().join(", ");
            Err(Failure::new(Exit::Usage, format!("no record type is called {name}; there are: {known}")))
        }
    }
}

/// The position that the replay begins behind: from there on, what repeats an earlier event is passed over.
fn begin(log: &dyn ShardLog, note: &Note, in_place: bool) -> Result<u64, Failure> {
    let Some(from) = note.from.filter(|_| !in_place) else { return Ok(log.first_kept().saturating_sub(1)) };
    position_before_received(log, from).map_err(|error| Failure::new(Exit::Disk, error))
}

fn choice(note: &Note, settings: &Settings, in_place: bool) -> Result<ReplayFilter, Failure> {
    let sink_notes = journals::notes(settings, &note.sink);
    let letters = note.dead_letters.then(|| noted_dead_letters(&sink_notes)).transpose();
    let letters = letters.map(|noted| noted.map(|noted| noted.into_keys().collect()));
    Ok(ReplayFilter {
        received: note.from.unwrap_or(i64::MIN)..note.to.unwrap_or(i64::MAX),
        through: note.through,
        types: note.types.clone(),
        keys: note.keys.clone(),
        dead_letters: letters.map_err(|error| Failure::file(&settings.journal.directory, &error))?,
        in_place,
    })
}
