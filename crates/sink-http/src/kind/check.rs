use std::collections::BTreeSet;

use kalends_outgoing::Tls;
use kalends_sink::Scope;
use kalends_value::{Misfit, Path, Reference, Text, nearest};

use super::{HttpSettings, Mapped, address};
use crate::{map, preset, preset::Auth, preset::Need, preset::Preset, send::is_header_value, signature};

/// Brings event types to their own spelling, and finds everything that is wrong.
pub(super) fn check(settings: &mut HttpSettings, scope: &Scope<'_>) -> Vec<Misfit> {
    let Some(preset) = preset::named(settings.preset.as_str()) else { return Vec::new() };
    let mut misfits: Vec<Misfit> = Vec::new();
    misfits.extend(url(settings));
    misfits.extend(token(settings, preset));
    misfits.extend(events(settings, scope));
    misfits.extend(identify(settings, preset, scope));
    misfits.extend(mapped(settings, scope));
    if !(1..=64).contains(&settings.in_flight) {
        misfits.push((Path::keys(&["in_flight"]), "write a number from 1 to 64".to_owned()));
    }
    if settings.timeout.is_zero() || settings.timeout.as_secs() > 60 {
        misfits.push((Path::keys(&["timeout"]), "write a time from 1ms to 60s".to_owned()));
    }
    misfits.extend(tls(settings));
    misfits
}

fn tls(settings: &HttpSettings) -> Vec<Misfit> {
    let at = Path::keys(&["tls"]);
    let misfits = settings.tls.check().into_iter().map(|(path, message)| (at.join(&path), message));
    let misfits: Vec<Misfit> = misfits.collect();
    // A key that is a reference which could not be read is told elsewhere.
    let is_read = settings.tls.key.as_ref().is_none_or(|key| !key.expose().is_empty());
    if !misfits.is_empty() || !is_read {
        return misfits;
    }
    Tls::from(&settings.tls).read().err().map(|fault| (at, fault.to_string())).into_iter().collect()
}

fn url(settings: &HttpSettings) -> Option<Misfit> {
    let url = settings.url.expose();
    // A reference that could not be read is told elsewhere.
    if url.is_empty() && matches!(settings.url, Text::Secret(_)) {
        return None;
    }
    let at = Path::keys(&["url"]);
    if let Some(message) = address::fault(url) {
        return Some((at, message));
    }
    address::is_open(url).then(|| {
        (
            at,
            "http:// would send everything in the clear; write https:// (http:// is for this machine alone)"
                .to_owned(),
        )
    })
}

fn token(settings: &HttpSettings, preset: &Preset) -> Vec<Misfit> {
    let at = Path::keys(&["token"]);
    let Some(tokens) = &settings.token else {
        let message = || {
            format!(
                "the preset `{}` needs one; add `token: {{ env: NAME }}` or `token: {{ file: PATH }}`",
                settings.preset.as_str()
            )
        };
        return if preset.token == Need::Required { vec![(at, message())] } else { Vec::new() };
    };
    if preset.auth != Auth::StandardWebhooks {
        let is_one = tokens.all().len() == 1;
        if !is_one {
            return vec![(at, "only `preset: webhook` takes several; leave one".to_owned())];
        }
        let fits = tokens.all().iter().all(|token| is_header_value(token.expose()));
        let message = "the token has a character that no header can have, such as an end of a line or an accent; write the token alone";
        return if fits { Vec::new() } else { vec![(at, message.to_owned())] };
    }
    if tokens.all().is_empty() {
        return vec![(at, "the list is empty; add a reference".to_owned())];
    }
    let each = tokens.all().iter().filter(|token| !token.expose().is_empty());
    let faults = each.filter_map(|token| {
        let reference = match token.reference() {
            Reference::Env(name) => format!("environment variable {name}"),
            Reference::File(path) => format!("file {}", path.display()),
        };
        signature::Key::parse(token.expose()).err().map(|fault| (at.clone(), format!("{reference}: {fault}")))
    });
    faults.collect()
}

fn events(settings: &mut HttpSettings, scope: &Scope<'_>) -> Vec<Misfit> {
    let at = Path::keys(&["events"]);
    let mut misfits = Vec::new();
    for (word, name) in std::mem::take(&mut settings.events) {
        if name.is_empty() {
            misfits.push((
                at.key(&word),
                "an event needs a name; to leave the type out, use `except`".to_owned(),
            ));
        }
        match scope.spelling(&word) {
            Ok(known) if settings.events.contains_key(&known) => {
                misfits.push((at.key(&word), format!("`{known}` is named already; leave one")));
            }
            Ok(known) => drop(settings.events.insert(known, name)),
            Err(message) => misfits.push((at.key(&word), message)),
        }
    }
    misfits
}

fn identify(settings: &HttpSettings, preset: &Preset, scope: &Scope<'_>) -> Vec<Misfit> {
    let at = Path::keys(&["identify"]);
    if settings.identify.is_empty() && preset.identity.needed {
        let message = format!(
            "the preset `{}` needs to know who an event is about; add `identify: [subscriber_external_id, email_address]`, or one \
             of them",
            settings.preset.as_str()
        );
        return vec![(at, message)];
    }
    let Some(known) = fields(scope) else { return Vec::new() };
    let unknown = settings.identify.iter().enumerate().filter(|(_, field)| !known.contains(field.as_str()));
    unknown.map(|(index, field)| (at.item(index), unknown_field(field, &known))).collect()
}

fn mapped(settings: &HttpSettings, scope: &Scope<'_>) -> Vec<Misfit> {
    let at = Path::keys(&["map"]);
    let mut misfits = Vec::new();
    let entries = settings.map.iter().flatten();
    let names: Vec<Vec<String>> = entries.clone().map(|(name, _)| map::steps(name)).collect();
    for (name, mapped) in entries {
        let steps = map::steps(name);
        if steps.iter().any(String::is_empty) {
            misfits.push((
                at.key(name),
                "no step of a name may be empty; write such as `name` or `/person/name`".to_owned(),
            ));
        }
        if names.iter().filter(|other| **other == steps).count() > 1 {
            misfits.push((at.key(name), "another name leads to the same place; leave one".to_owned()));
        }
        let is_above = |other: &Vec<String>| other.len() < steps.len() && steps.starts_with(other);
        if let Some(other) = names.iter().find(|other| is_above(other)) {
            misfits.push((
                at.key(name),
                format!("`{}` has a value already, so nothing can stand under it", other.join("/")),
            ));
        }
        let Mapped::Field(field) = mapped else { continue };
        if field.starts_with('$') {
            if !map::PLACES.contains(&field.as_str()) {
                misfits.push((at.key(name), nearest("value", field, &map::PLACES)));
            }
            continue;
        }
        let Some(known) = fields(scope) else { continue };
        if !known.contains(field.as_str()) {
            misfits.push((at.key(name), unknown_field(field, &known)));
        }
    }
    misfits
}

/// The fields of all records; `None` while the schemas are not known.
fn fields<'a>(scope: &Scope<'a>) -> Option<BTreeSet<&'a str>> {
    let records = scope.records?;
    Some(records.iter().flat_map(|record| record.fields.iter().map(String::as_str)).collect())
}

fn unknown_field(field: &str, known: &BTreeSet<&str>) -> String {
    let known: Vec<&str> = known.iter().copied().collect();
    let told = nearest("field", field, &known);
    if told.contains("did you mean") {
        return told;
    }
    format!(
        "unknown field `{field}`; `kalends schemas show` lists the fields (a constant is written {{ value: {field} }})"
    )
}
