use kalends_value::{Misfit, Path, Secret, Text};

use crate::Settings;

/// Fills in every secret that can be read, of those at the paths that `reads` says.
pub(super) fn resolve(
    settings: &mut Settings,
    variable: &dyn Fn(&str) -> Option<String>,
    reads: &dyn Fn(&Path) -> bool,
    misfits: &mut Vec<Misfit>,
) {
    for (path, secret) in all(settings) {
        if !reads(&path) {
            continue;
        }
        if let Err(message) = secret.resolve(variable) {
            misfits.push((path, message));
        }
    }
}

/// Every secret with the key that it stands under.
pub(crate) fn all(settings: &mut Settings) -> Vec<(Path, &mut Secret)> {
    let mut secrets = Vec::new();
    let listeners = [("listen", &mut settings.listen.tls), ("admin", &mut settings.admin.tls)];
    for (listener, tls) in listeners {
        if let Some(tls) = tls {
            secrets.push((Path::keys(&[listener, "tls", "key"]), &mut tls.key));
        }
    }
    for (secret, [key, name]) in settings.telemetry.otlp.iter_mut().flat_map(|otlp| otlp.secrets()) {
        secrets.push((Path::keys(&["telemetry", "otlp", &key, &name]), secret));
    }
    for (name, endpoint) in &mut settings.endpoints {
        let path = Path::keys(&["endpoints", name]);
        if let Text::Secret(secret) = &mut endpoint.path {
            secrets.push((path.key("path"), secret));
        }
        for (index, secret) in endpoint.tokens.iter_mut().enumerate() {
            secrets.push((path.key("tokens").item(index), secret));
        }
    }
    for (name, sink) in &mut settings.sinks {
        let at = Path::keys(&["sinks", name]);
        if let Some(key) = &mut sink.common.privacy.key {
            secrets.push((at.key("privacy").key("key"), key));
        }
        for (path, secret) in sink.own.secrets() {
            secrets.push((at.join(&path), secret));
        }
    }
    secrets
}
