use kalends_sink_kafka::registry;

use super::client_tls;
use crate::settings::{SchemaRegistry, Secret, Text, path::Path, shape::Misfit};

/// The secrets of a registry, each with its place.
pub(super) fn secrets<'a>(registry: &'a mut SchemaRegistry, at: &Path) -> Vec<(&'a mut Secret, Path)> {
    let username = match &mut registry.username {
        Some(Text::Secret(secret)) => Some(secret),
        _ => None,
    };
    [
        (username, at.key("username")),
        (registry.password.as_mut(), at.key("password")),
        (registry.token.as_mut(), at.key("token")),
        (registry.tls.key.as_mut(), at.key("tls").key("key")),
    ]
    .into_iter()
    .filter_map(|(secret, at)| Some((secret?, at)))
    .collect()
}

pub(super) fn check(registry: &SchemaRegistry, at: &Path, misfits: &mut Vec<Misfit>) {
    client_tls::check(&registry.tls, &at.key("tls"), misfits);
    let mut wrong = |key: &str, message: &str| {
        misfits.push((key.split('.').fold(at.clone(), |at, key| at.key(key)), message.to_owned()));
    };
    let SchemaRegistry { username, password, token, tls, .. } = registry;
    if username.is_some() && password.is_none() {
        wrong("password", "username needs one; add `password: { env: NAME }`");
    }
    if password.is_some() && username.is_none() {
        wrong("username", "password needs one; add it");
    }
    if token.is_some() && username.is_some() {
        wrong("token", "a token and a username are one too many; leave one out");
    }
    if registry.timeout.is_zero() {
        wrong("timeout", "no answer could ever be in time; write more than 0");
    }
    // A secret that could not be read was reported before.
    let is_read = |secret: &Option<Secret>| secret.as_ref().is_none_or(|secret| !secret.expose().is_empty());
    for fault in registry::check(&registry.sink_settings()) {
        let is_told = match fault.key {
            "token" => !is_read(token),
            "tls.key" => !client_tls::has_key(tls),
            _ => false,
        };
        if !is_told {
            wrong(fault.key, &fault.message);
        }
    }
}
