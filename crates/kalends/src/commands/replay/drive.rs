use std::{thread, time::Duration};

use kalends_delivery::{
    Assembly, DeliveryContext, DeliveryHandle, Metrics, SinkLocks, SinkSettings, SinkState, Task, Wait,
};
use kalends_journal::inspect;
use prometheus::Registry;

use super::course::ReplayRun;
use crate::{
    daemon,
    output::{
        exit::{Exit, Failure},
        progress::Bar,
    },
};

/// Nothing ends the last commit but its outcome.
const PATIENCE: Duration = Duration::from_hours(24);

/// How a run of the workers ended.
enum Ended {
    /// Everything through the end is committed.
    Complete,
    /// The last commit failed; it is to be tried again from the checkpoint.
    Unfinished,
}

/// Gives the scanner and the sink's loop their turns until everything is committed. Failures that may pass are waited for.
pub(super) fn drive(
    course: &ReplayRun,
    sink: impl Fn() -> Result<SinkSettings, Failure>,
) -> Result<(), Failure> {
    let bar = Bar::of(course.through.saturating_sub(course.after), "webhooks");
    while let Ended::Unfinished = run(course, sink()?, &bar)? {}
    Ok(())
}

fn run(course: &ReplayRun, sink: SinkSettings, bar: &Bar) -> Result<Ended, Failure> {
    let metrics = Metrics::register(&Registry::new()).map_err(|error| Failure::new(Exit::Bug, error))?;
    let (log, plan) = (course.log.clone(), course.plan.clone());
    let (settings, clock) = (course.settings.clone(), course.clock.clone());
    let basis = DeliveryContext { log, plan, settings, clock, metrics, seats: SinkLocks::default() };
    let assembly = Assembly::replay(basis, sink, course.choice.clone(), course.after);
    let Assembly { workers, overview } =
        assembly.map_err(|error| Failure::from(daemon::Error::Delivery(error.into())))?;
    let mut workers: Vec<Box<dyn Task>> = workers.into_iter().map(|(_, worker)| worker).collect();
    let mut told = false;
    loop {
        let rests: Vec<Wait> = workers.iter_mut().map(|worker| worker.turn()).collect();
        check(course, &overview)?;
        let (position, scanned) = place(&overview);
        bar.at(position.saturating_sub(course.after));
        match rests.first() {
            Some(Wait::Ended) | None if position >= course.through => return Ok(Ended::Complete),
            Some(Wait::Ended) | None => return Ok(Ended::Unfinished),
            Some(Wait::ForEvents(_)) if scanned >= course.through && !told => {
                overview.stop(PATIENCE);
                told = true;
            }
            Some(Wait::ForStop(time)) => thread::sleep(*time),
            Some(Wait::ForEvents(_) | Wait::No) => {}
        }
    }
}

/// The positions through which everything is committed, and scanned.
fn place(overview: &DeliveryHandle) -> (u64, u64) {
    let status = overview.status();
    (status.sinks.first().map_or(0, |sink| sink.position), status.scanner.scanned_position)
}

/// What no waiting mends ends the replay; it goes on where it was when that is mended.
fn check(course: &ReplayRun, overview: &DeliveryHandle) -> Result<(), Failure> {
    let status = overview.status();
    if let Some(error) = status.scanner.error {
        return Err(gone(course, status.scanner.scanned_position)
            .unwrap_or_else(|| Failure::new(Exit::Disk, again(course, &error))));
    }
    match status.sinks.first() {
        Some(sink) if sink.state == SinkState::Hold => {
            let error = sink.last_error.as_deref().unwrap_or_default();
            Err(gone(course, sink.position)
                .unwrap_or_else(|| Failure::new(Exit::Unavailable, again(course, error))))
        }
        _ => Ok(()),
    }
}

/// The daemon beside us goes on removing what nobody needs any more.
fn gone(course: &ReplayRun, position: u64) -> Option<Failure> {
    let first = inspect(&course.directory).ok()?.log().first_kept();
    (position + 1 < first).then(|| {
        let message = format!(
            "the journal keeps positions from {first} on, and the replay was at {position}: retention has removed what is between. \
             Raise journal.retain so that it keeps more, or replay what is left with a new --id"
        );
        Failure::new(Exit::Disk, message)
    })
}

fn again(course: &ReplayRun, error: &str) -> String {
    let ReplayRun { sink, id, .. } = course;
    format!("{error}\nreplay {id} of sink {sink} goes on where it was with the same options and --id {id}")
}
