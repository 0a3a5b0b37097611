use kalends_value::{Misfit, Path, Secret};

use super::RegistrySettings;
use crate::registry as client;

/// Everything that is wrong with the settings of a registry.
pub(super) fn check(registry: &RegistrySettings) -> Vec<Misfit> {
    let tls_at = Path::keys(&["tls"]);
    let mut misfits: Vec<Misfit> =
        registry.tls.check().into_iter().map(|(path, message)| (tls_at.join(&path), message)).collect();
    let mut wrong = |key: &str, message: &str| {
        misfits.push((Path::keys(&key.split('.').collect::<Vec<_>>()), message.to_owned()));
    };
    let RegistrySettings { username, password, token, tls, .. } = registry;
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
    for fault in client::check(&registry.for_client()) {
        let is_told = match fault.key {
            "token" => !is_read(token),
            "tls.key" => !tls.has_key(),
            _ => false,
        };
        if !is_told {
            wrong(fault.key, &fault.message);
        }
    }
    misfits
}
