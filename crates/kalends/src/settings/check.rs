//! What no single value shows: rules across keys, and references to secrets.

mod client_tls;
mod directories;
mod endpoints;
mod kafka;
mod privacy;
mod registry;
mod sinks;
mod telemetry;
mod tls;
mod topic;

use crate::catalogue::Catalogue;

use super::{Settings, Text, event_types, path::Path, shape::Misfit};

/// Fills in the secrets, brings event types to their known spelling, and lists everything that is wrong.
pub(super) fn check(settings: &mut Settings, variable: &dyn Fn(&str) -> Option<String>) -> Vec<Misfit> {
    let mut misfits = Vec::new();
    resolve_secrets(settings, variable, &mut misfits);
    let catalogue = schemas(settings, &mut misfits);
    if let Some(catalogue) = &catalogue {
        event_types::canonicalise(settings, &catalogue.plan, &mut misfits);
        sinks::topics_of_records(settings, &catalogue.plan, &mut misfits);
        privacy::check(settings, &catalogue.plan, &mut misfits);
    }
    listen(settings, &mut misfits);
    journal(settings, &mut misfits);
    directories::check(settings, &mut misfits);
    endpoints::check(settings, &mut misfits);
    tls::check(settings, &mut misfits);
    telemetry::check(settings, &mut misfits);
    sinks::check(settings, &mut misfits);
    for sink in settings.sinks.values_mut() {
        if let super::Sink::Kafka(kafka) = sink {
            kafka::canonicalise(kafka);
        }
    }
    misfits
}

/// Reads the schemas; with a fault among them nothing can be said about the event types that sinks speak of.
fn schemas(settings: &Settings, misfits: &mut Vec<Misfit>) -> Option<Catalogue> {
    let directory = settings.schemas.directory.as_deref();
    let faults = match Catalogue::read(directory, settings.timestamps.into()) {
        Ok(catalogue) => return Some(catalogue),
        Err(faults) => faults,
    };
    let at = Path::keys(&["schemas", "directory"]);
    misfits.extend(faults.0.into_iter().map(|fault| (at.clone(), fault.message)));
    None
}

fn resolve_secrets(
    settings: &mut Settings,
    variable: &dyn Fn(&str) -> Option<String>,
    misfits: &mut Vec<Misfit>,
) {
    let mut resolve = |secret: &mut super::Secret, path: Path| {
        if let Err(message) = secret.resolve(variable) {
            misfits.push((path, message));
        }
    };
    let listeners = [("listen", &mut settings.listen.tls), ("admin", &mut settings.admin.tls)];
    for (listener, tls) in listeners {
        if let Some(tls) = tls {
            resolve(&mut tls.key, Path::keys(&[listener, "tls", "key"]));
        }
    }
    for (secret, [key, name]) in settings.telemetry.otlp.iter_mut().flat_map(|otlp| otlp.secrets()) {
        resolve(secret, Path::keys(&["telemetry", "otlp", &key, &name]));
    }
    for (name, endpoint) in &mut settings.endpoints {
        let path = Path::keys(&["endpoints", name]);
        if let Text::Secret(secret) = &mut endpoint.path {
            resolve(secret, path.key("path"));
        }
        for (index, secret) in endpoint.tokens.iter_mut().enumerate() {
            resolve(secret, path.key("tokens").item(index));
        }
    }
    for (name, sink) in &mut settings.sinks {
        let (super::Sink::Files(super::Files { privacy, .. })
        | super::Sink::Kafka(super::Kafka { privacy, .. })) = sink;
        if let Some(key) = &mut privacy.key {
            resolve(key, Path::keys(&["sinks", name, "privacy", "key"]));
        }
        let super::Sink::Kafka(kafka) = sink else { continue };
        if let Some(registry) = &mut kafka.schema_registry {
            let at = Path::keys(&["sinks", name, "schema_registry"]);
            for (secret, at) in registry::secrets(registry, &at) {
                resolve(secret, at);
            }
        }
        for (property, value) in &mut kafka.properties {
            if let Text::Secret(secret) = value {
                resolve(secret, Path::keys(&["sinks", name, "properties", property]));
            }
        }
    }
}

fn listen(settings: &Settings, misfits: &mut Vec<Misfit>) {
    let listen = &settings.listen;
    let mut wrong = |key: &str, message: String| misfits.push((Path::keys(&["listen", key]), message));
    if listen.max_body.bytes() == 0 {
        wrong("max_body", "nothing could be received; write at least 1B".into());
    }
    if listen.max_body > listen.max_in_flight {
        wrong("max_in_flight", format!("less than one body (max_body is {}); write more", listen.max_body));
    }
    if listen.max_body > settings.journal.segment_size {
        let size = settings.journal.segment_size;
        wrong(
            "max_body",
            format!("more than a segment of the journal (journal.segment_size is {size}); write less"),
        );
    }
    for (index, proxy) in listen.trusted_proxies.iter().enumerate() {
        if proxy.is_everybody() {
            let at = Path::keys(&["listen", "trusted_proxies"]).item(index);
            let message = "whoever posts could say whose address counts; name your proxies alone";
            misfits.push((at, message.to_owned()));
        }
    }
    let mut wrong = |key: &str, message: String| misfits.push((Path::keys(&["listen", key]), message));
    if listen.max_connections == 0 {
        wrong("max_connections", "nobody could connect; write at least 1".into());
    }
    let timeouts = [
        ("header_timeout", listen.header_timeout),
        ("body_timeout", listen.body_timeout),
        ("idle_timeout", listen.idle_timeout),
        ("append_timeout", listen.append_timeout),
    ];
    for (key, timeout) in timeouts {
        if timeout.is_zero() {
            wrong(key, "no request could ever be in time; write more than 0".into());
        }
    }
    let (public, admin) = (listen.address, settings.admin.address);
    let is_everywhere = public.ip().is_unspecified() || admin.ip().is_unspecified();
    if public.port() == admin.port() && public.port() != 0 && (public.ip() == admin.ip() || is_everywhere) {
        let message = format!("{public} is listen.address already; write another port");
        misfits.push((Path::keys(&["admin", "address"]), message));
    }
}

fn journal(settings: &Settings, misfits: &mut Vec<Misfit>) {
    let journal = &settings.journal;
    let mut wrong = |key: &str, message: String| misfits.push((Path::keys(&["journal", key]), message));
    if journal.segment_size.bytes() == 0 {
        wrong("segment_size", "a segment needs room; write at least 1MiB".into());
    }
    if journal.segment_size > journal.max_size {
        wrong(
            "max_size",
            format!("less than one segment (segment_size is {}); write more", journal.segment_size),
        );
    }
}

/// Whether `name` may be a name of the operator's choice: it becomes a label, a header and part of a key.
fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// What is wrong with a name, whatever stands under it.
pub(super) const NAME_RULE: &str = "a name consists of a to z, 0 to 9 and _; choose another";
