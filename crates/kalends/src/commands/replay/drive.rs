use std::{
    thread,
    time::{Duration, Instant},
};

use kalends_delivery::{
    DeliveryContext, DeliveryHandle, DeliveryTasks, Metrics, SinkLocks, SinkSettings, SinkState, Task, Wait,
};
use kalends_journal_local::inspect;
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

/// Longest wait for a commit that falls due by itself, after one that a stop had forced has failed.
const MAX_COMMIT_WAIT: Duration = Duration::from_secs(30);

/// The pause between two looks at whether that commit was made.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How a run of the tasks ended.
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
    // What a sink learns of refused records it forgets with a stop: after a commit that failed at one, the next is waited for.
    let mut wait = Duration::ZERO;
    while let Ended::Unfinished = run(course, sink()?, &bar, wait)? {
        wait = MAX_COMMIT_WAIT;
    }
    Ok(())
}

/// One run of the tasks. Once everything is written, waits for so long for the last commit, and then stops, which forces it.
fn run(course: &ReplayRun, sink: SinkSettings, bar: &Bar, wait: Duration) -> Result<Ended, Failure> {
    let metrics = Metrics::register(&Registry::new()).map_err(|error| Failure::new(Exit::Bug, error))?;
    let (log, plan) = (course.log.clone(), course.plan.clone());
    let (settings, clock) = (course.settings.clone(), course.clock.clone());
    let context = DeliveryContext { log, plan, settings, clock, metrics, sink_locks: SinkLocks::default() };
    let delivery = DeliveryTasks::replay(context, sink, course.choice.clone(), course.after);
    let DeliveryTasks { tasks, handle } =
        delivery.map_err(|error| Failure::from(daemon::Error::Delivery(error.into())))?;
    let mut tasks: Vec<Box<dyn Task>> = tasks.into_iter().map(|(_, task)| task).collect();
    let (mut told, mut written_at) = (false, None);
    loop {
        let waits: Vec<Wait> = tasks.iter_mut().map(|task| task.step()).collect();
        check(course, &handle)?;
        let (position, scanned) = place(&handle);
        bar.at(position.saturating_sub(course.after));
        match waits.first() {
            Some(Wait::Ended) | None if position >= course.through => return Ok(Ended::Complete),
            Some(Wait::Ended) | None => return Ok(Ended::Unfinished),
            Some(Wait::ForEvents(_)) if scanned >= course.through && !told => {
                let since = *written_at.get_or_insert_with(Instant::now);
                if position >= course.through || since.elapsed() >= wait {
                    handle.stop(PATIENCE);
                    told = true;
                } else {
                    thread::sleep(LOOK_EVERY);
                }
            }
            Some(Wait::ForStop(time)) => thread::sleep(*time),
            Some(Wait::ForEvents(_) | Wait::No) => {}
        }
    }
}

/// The positions through which everything is committed, and scanned.
fn place(handle: &DeliveryHandle) -> (u64, u64) {
    let status = handle.status();
    (status.sinks.first().map_or(0, |sink| sink.position), status.scanner.scanned_position)
}

/// What no waiting mends ends the replay; it goes on where it was when that is mended.
fn check(course: &ReplayRun, handle: &DeliveryHandle) -> Result<(), Failure> {
    let status = handle.status();
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
