use std::{collections::BTreeMap, time::Duration};

use kalends_sink::Scope;
use kalends_value::{Misfit, Path};

use super::PostgresSettings;
use crate::{LONGEST_NAME, OWN_NAMES};

/// The events that the state of subscriptions is made of.
const OF_SUBSCRIPTIONS: [&str; 3] = ["Subscribe", "Unsubscribe", "SubscriptionDetailsUpdated"];

/// Longest time that the server counts as a limit, in whole days: it does so in milliseconds of 31 bits.
const LONGEST_TIME: Duration = Duration::from_hours(24 * 24);

/// Brings event types to their own spelling, and finds everything that is wrong.
pub(super) fn check(settings: &mut PostgresSettings, scope: &Scope<'_>) -> Vec<Misfit> {
    let mut misfits = Vec::new();
    // A key that could not be read was reported before.
    let is_read = settings.tls.key().is_none_or(|key| !key.expose().is_empty());
    let connect = settings.connect().and_then(|connect| if is_read { connect.check_tls() } else { Ok(()) });
    if let Err(fault) = connect {
        misfits.push((Path::keys(&fault.key.split('.').collect::<Vec<_>>()), fault.message));
    }
    let tls = Path::keys(&["tls"]);
    misfits.extend(settings.tls.check().into_iter().map(|(path, message)| (tls.join(&path), message)));
    if let Some(message) = fault_of_name(&settings.schema) {
        misfits.push((Path::keys(&["schema"]), message));
    } else if settings.schema.starts_with("pg_") {
        misfits.push((
            Path::keys(&["schema"]),
            "names that begin with pg_ are the server's own; write another".into(),
        ));
    }
    for (key, time) in [
        ("commit_every", settings.commit_every),
        ("statement_timeout", settings.statement_timeout),
        ("lock_timeout", settings.lock_timeout),
    ] {
        if time.is_zero() {
            misfits.push((Path::keys(&[key]), "0 would be no limit; write at least 1ms".into()));
        } else if time > LONGEST_TIME {
            misfits.push((Path::keys(&[key]), "PostgreSQL counts no such time; write at most 24d".into()));
        }
    }
    misfits.extend(tables(settings, scope));
    misfits.extend(subscriptions(settings, scope));
    misfits
}

fn tables(settings: &mut PostgresSettings, scope: &Scope<'_>) -> Vec<Misfit> {
    let at = Path::keys(&["tables", "names"]);
    let mut misfits = Vec::new();
    for (word, table) in std::mem::take(&mut settings.tables.names) {
        match scope.spelling(&word) {
            Ok(known) => drop(settings.tables.names.insert(known, table)),
            Err(message) => misfits.push((at.key(&word), message)),
        }
    }
    let mut seen = BTreeMap::new();
    for record in scope.records.unwrap_or_default() {
        let table = settings.table(record);
        let is_named = settings.tables.names.contains_key(&record.name);
        let place = || if is_named { at.key(&record.name) } else { Path::keys(&["tables", "prefix"]) };
        if let Some(message) = fault_of_name(&table) {
            misfits.push((place(), format!("{} would have the table `{table}`; {message}", record.name)));
        } else if OWN_NAMES.contains(&table.as_str()) {
            misfits.push((
                place(),
                format!("`{table}` is a table or view of the sink's own; write another name"),
            ));
        } else if let Some(other) = seen.insert(table, &record.name) {
            misfits.push((
                place(),
                format!("this is the table of {other} as well; a table has records of one type"),
            ));
        }
    }
    misfits
}

fn subscriptions(settings: &PostgresSettings, scope: &Scope<'_>) -> Option<Misfit> {
    let is_missing = |name: &&str| {
        scope
            .records
            .is_some_and(|records| records.iter().any(|record| record.name == **name && !record.is_taken))
    };
    let missing: Vec<&str> = OF_SUBSCRIPTIONS.into_iter().filter(is_missing).collect();
    let is_wrong = settings.subscriptions && !missing.is_empty();
    is_wrong.then(|| {
        let message = format!(
            "the state of subscriptions would be wrong without {}: take all of {} (`only`, `except`), or write `subscriptions: false`",
            missing.join(" and "),
            OF_SUBSCRIPTIONS.join(", ")
        );
        (Path::keys(&["subscriptions"]), message)
    })
}

/// The fields that tell whose consent stands.
const OF_CONSENT: [&str; 2] = ["email_address", "is_marketing_allowed"];

/// Whether nobody can tell from altered values whose consent stands: a hash is no address, and where an address is withheld its denial
/// is not seen.
pub(super) fn lacks_consent(altered: &[String]) -> bool {
    altered.iter().any(|field| OF_CONSENT.contains(&field.as_str()))
}

/// Facts that are worth knowing and are no fault.
pub(super) fn notes(settings: &PostgresSettings, scope: &Scope<'_>) -> Vec<String> {
    let is_left_out = settings.subscriptions && lacks_consent(scope.altered);
    let note = || {
        format!(
            "the view {schema}.marketing_allowed is not made, since `privacy` changes {}; one that is there from before tells nothing of \
             newer events: drop it (DROP VIEW {schema}.marketing_allowed)",
            OF_CONSENT.join(" or "),
            schema = settings.schema,
        )
    };
    is_left_out.then(note).into_iter().collect()
}

fn fault_of_name(name: &str) -> Option<String> {
    if name.is_empty() || name.contains('\0') {
        return Some("a name has at least one character, and no NUL".to_owned());
    }
    (name.len() > LONGEST_NAME).then(|| {
        format!(
            "PostgreSQL cuts names over {LONGEST_NAME} bytes, this one has {}; write a shorter one",
            name.len()
        )
    })
}
