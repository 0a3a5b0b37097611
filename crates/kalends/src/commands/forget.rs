//! `kalends forget`: from now on nothing personal of somebody leaves the journal.

mod report;
mod running;
mod search;

use std::{io, sync::Arc};

use kalends_delivery::{ForgetList, Person};
use kalends_settings::{SecretUse, schema_catalogue::Catalogue};

use self::{report::Report, running::Taken};
use crate::{
    cli::ForgetArgs,
    output::exit::{Exit, Failure},
};

/// Puts somebody on the list of forgotten people, or says what that would mean.
///
/// # Errors
/// Nobody is named, or `--yes` is missing (64); a running daemon has not said that it uses the list (69); the journal or the list can't
/// be read or written (74); the configuration can't be used (78).
pub fn forget(args: &ForgetArgs) -> Result<(), Failure> {
    let settings = args.configuration.settings_with(SecretUse::None)?;
    let mut people = people(args)?;
    let schemas = Catalogue::read(settings.schemas.directory.as_deref(), settings.timestamps.into())
        .map_err(|faults| Failure::new(Exit::Configuration, faults))?;
    let found = search::search(&settings, &Arc::new(schemas.plan), &people)?;
    let report = Report::new(&settings, &found)?;
    if !args.yes {
        report.tell(args.json, None)?;
        return Err(Failure::new(Exit::Usage, "nothing was changed; add --yes to do it"));
    }
    people.extend(found.subscriptions);
    let list = ForgetList::of(&settings.journal.directory);
    let listed = list.add(&people).map_err(|error| Failure::new(Exit::Disk, error))?;
    let taken = running::wait(&settings, listed.revision);
    report.tell(args.json, Some((&listed, &taken)))?;
    match taken {
        Taken::NotSaid(why) => Err(Failure::new(
            Exit::Unavailable,
            format!(
                "the list is durable, and is used with the next event that is read, but the running daemon has not said so: {why}; \
                 give the same command again to ask again"
            ),
        )),
        Taken::NoDaemon | Taken::Uses => Ok(()),
    }
}

fn people(args: &ForgetArgs) -> Result<Vec<Person>, Failure> {
    let mut people: Vec<Person> = values(&args.email)?.into_iter().map(Person::Email).collect();
    people.extend(values(&args.subscription)?.into_iter().map(Person::Subscription));
    people.extend(values(&args.external_id)?.into_iter().map(Person::ExternalId));
    if people.is_empty() {
        return Err(Failure::new(Exit::Usage, "every value is empty, so that there is nobody to forget"));
    }
    Ok(people)
}

/// What is given for one option: values, or `-` for the lines of standard input.
fn values(given: &[String]) -> Result<Vec<String>, Failure> {
    let mut values = Vec::new();
    for value in given {
        if value == "-" {
            let lines: Result<Vec<_>, _> = io::stdin().lines().collect();
            let failed = |error| Failure::new(Exit::Disk, format!("standard input: {error}"));
            values.extend(lines.map_err(failed)?);
        } else {
            values.push(value.clone());
        }
    }
    values.retain(|value| !value.trim().is_empty());
    Ok(values)
}
