use kalends_outgoing::{check_address, check_header};

use kalends_value::{Misfit, NEVER_PLAIN, Path, Text};

use crate::Settings;

/// Headers that are credentials, by what their name contains.
const SECRET: &[&str] = &["auth", "key", "token", "secret", "password", "cookie", "credential"];

pub(super) fn check(settings: &Settings, misfits: &mut Vec<Misfit>) {
    let Some(otlp) = &settings.telemetry.otlp else { return };
    let at = Path::keys(&["telemetry", "otlp"]);
    let mut wrong = |keys: &[&str], message: String| {
        misfits.push((keys.iter().fold(at.clone(), |at, key| at.key(key)), message));
    };
    if let Err(fault) = check_address(&otlp.endpoint) {
        wrong(&["endpoint"], fault.advise("http://localhost:4318", "set a header"));
    }
    if !(0.0..=1.0).contains(&otlp.sample) {
        wrong(&["sample"], "this is a share; write a number from 0 to 1, such as 0.1".to_owned());
    }
    if otlp.queue == 0 || otlp.queue > 1 << 20 {
        wrong(&["queue"], "write a number of spans from 1 to 1048576".to_owned());
    }
    if otlp.timeout.is_zero() {
        wrong(&["timeout"], "no answer could ever be in time; write more than 0".to_owned());
    }
    for (name, value) in &otlp.headers {
        let lower = name.to_ascii_lowercase();
        if matches!(value, Text::Plain(_)) && SECRET.iter().any(|part| lower.contains(part)) {
            wrong(&["headers", name], NEVER_PLAIN.to_owned());
        } else if let Err(fault) = check_header(&name.replace('_', "-"), value.expose()) {
            wrong(&["headers", name], fault.to_string());
        }
    }
    if (otlp.tls.certificate.is_none() || otlp.tls.has_key())
        && let Err(fault) = kalends_outgoing::Tls::from(&otlp.tls).read()
    {
        wrong(&fault.key.split('.').collect::<Vec<_>>(), fault.message);
    }
    misfits.extend(otlp.tls.check().into_iter().map(|(path, message)| (at.key("tls").join(&path), message)));
}
