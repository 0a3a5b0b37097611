use std::{collections::BTreeSet, sync::Arc};

use kalends_delivery::{ForgottenPeople, Person, PreviewReader, PreviewedEvent};
use kalends_journal::ShardLog;
use kalends_journal_local::inspect;
use kalends_normalise::Plan;
use kalends_settings::Settings;

use crate::output::{
    exit::{Exit, Failure},
    progress::Bar,
};

/// What the journal has of somebody.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The positions of the events and dead letters.
    pub(super) positions: Vec<u64>,
    /// How many of them are dead letters, which name the person or can't be searched.
    pub(super) dead_letters: usize,
    /// When the newest was received, in microseconds since the Unix epoch.
    pub(super) newest: Option<i64>,
    /// Subscriptions that the journal has with an address or identifier.
    pub(super) subscriptions: BTreeSet<Person>,
}

/// Searches the journal for these people: for their subscriptions first, then for all events of both.
pub(super) fn search(settings: &Settings, plan: &Arc<Plan>, people: &[Person]) -> Result<Found, Failure> {
    let inspection = inspect(&settings.journal.directory).map_err(|error| Failure::journal(&error))?;
    let log = inspection.log();
    let mut found = Found::default();
    let named = of(people)?;
    each(log, plan, |event| found.subscriptions.extend(event.subscription_of(&named, plan)))?;
    let all: Vec<Person> = people.iter().chain(&found.subscriptions).cloned().collect();
    let all = of(&all)?;
    each(log, plan, |event| {
        if event.is_of(&all, plan) {
            found.positions.push(event.position());
            found.dead_letters += usize::from(event.dead_letter().is_some());
            found.newest = found.newest.max(Some(event.received_at()));
        }
    })?;
    Ok(found)
}

fn of(people: &[Person]) -> Result<ForgottenPeople, Failure> {
    ForgottenPeople::of(people)
        .map_err(|error| Failure::new(Exit::Disk, format!("no random numbers: {error}")))
}

fn each(log: &dyn ShardLog, plan: &Arc<Plan>, mut see: impl FnMut(&PreviewedEvent)) -> Result<(), Failure> {
    let mut reader = PreviewReader::new(Arc::clone(plan), Some(log), std::time::Duration::ZERO);
    let before = log.first_kept().saturating_sub(1);
    let (mut frames, bar) = (log.read_after(before), Bar::of(log.synced().position - before, "webhooks"));
    let disk = |error: &dyn std::fmt::Display| Failure::new(Exit::Disk, error);
    while let Some(frame) = frames.next().map_err(|error| disk(&error))? {
        see(&reader.read(&frame).map_err(|error| disk(&error))?);
        bar.at(frame.position - before);
    }
    Ok(())
}
