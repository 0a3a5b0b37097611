use kalends_value::{Misfit, Path, Secret, Text};

use crate::{Files, Kafka, SchemaRegistry, Settings, Sink};

/// Fills in every secret that can be read.
pub(super) fn resolve(
    settings: &mut Settings,
    variable: &dyn Fn(&str) -> Option<String>,
    misfits: &mut Vec<Misfit>,
) {
    let mut resolve = |secret: &mut Secret, path: Path| {
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
        let (Sink::Files(Files { privacy, .. }) | Sink::Kafka(Kafka { privacy, .. })) = sink;
        if let Some(key) = &mut privacy.key {
            resolve(key, Path::keys(&["sinks", name, "privacy", "key"]));
        }
        let Sink::Kafka(kafka) = sink else { continue };
        if let Some(registry) = &mut kafka.schema_registry {
            let at = Path::keys(&["sinks", name, "schema_registry"]);
            for (secret, at) in of_registry(registry, &at) {
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

/// The secrets of a registry, each with its place.
fn of_registry<'a>(registry: &'a mut SchemaRegistry, at: &Path) -> Vec<(&'a mut Secret, Path)> {
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
