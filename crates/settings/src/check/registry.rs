use kalends_sink_kafka::registry;

use kalends_value::{Misfit, Path, Secret};

use crate::SchemaRegistry;

pub(super) fn check(registry: &SchemaRegistry, at: &Path, misfits: &mut Vec<Misfit>) {
    misfits
        .extend(registry.tls.check().into_iter().map(|(path, message)| (at.key("tls").join(&path), message)));
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
            "tls.key" => !tls.has_key(),
            _ => false,
        };
        if !is_told {
            wrong(fault.key, &fault.message);
        }
    }
}
