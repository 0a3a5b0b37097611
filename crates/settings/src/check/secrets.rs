use kalends_value::{Misfit, Path, Secret, Text};

use crate::Settings;

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
        let at = Path::keys(&["sinks", name]);
        if let Some(key) = &mut sink.common.privacy.key {
            resolve(key, at.key("privacy").key("key"));
        }
        for (path, secret) in sink.own.secrets() {
            resolve(secret, at.join(&path));
        }
    }
}
