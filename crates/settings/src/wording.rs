//! Words errors of the layers underneath so that they say what to do.

use config::{Value, ValueKind};

/// What to tell the operator of `error` at a key whose value is `found`.
pub(super) fn of(error: &config::ConfigError, found: Option<&Value>) -> String {
    if found.is_some_and(|value| value.kind == ValueKind::Nil) {
        return "there is no value here; write one, or leave the key out".into();
    }
    match error {
        config::ConfigError::At { error, .. } => of(error, found),
        config::ConfigError::Type { expected, .. } => wrong_type(expected, found),
        config::ConfigError::NotFound(path) => {
            format!("the key `{}` is missing; add it", path.rsplit('.').next().unwrap_or(path))
        }
        config::ConfigError::Message(message) => reword(message, found),
        other => other.to_string(),
    }
}

fn reword(message: &str, found: Option<&Value>) -> String {
    if let Some(rest) = message.strip_prefix("unknown field ") {
        return unknown("key", rest);
    }
    if let Some(rest) = message.strip_prefix("unknown variant ") {
        return unknown("word", rest);
    }
    // The value itself is left out: in the wrong place it may be a secret.
    if let Some((_, expected)) =
        message.strip_prefix("invalid type: ").and_then(|rest| rest.split_once(", expected "))
    {
        return wrong_type(expected, found);
    }
    if message == "invalid socket address syntax" {
        return "this is no address; write an IP address and a port, such as 127.0.0.1:8080 or [::]:8080"
            .into();
    }
    message.to_owned()
}

/// Says that a value is of another kind than `expected`, without the value itself.
pub(super) fn wrong_type(expected: &str, found: Option<&Value>) -> String {
    let expected = match expected {
        "a sequence" => "a list",
        map if map.starts_with("struct ") || map == "a map" => "a map of keys",
        other => other,
    };
    let found = found.map_or("something else", |value| match value.kind {
        ValueKind::Nil => "nothing",
        ValueKind::Boolean(_) => "true or false",
        ValueKind::String(_) => "text",
        ValueKind::Table(_) => "a map",
        ValueKind::Array(_) => "a list",
        _ => "a number",
    });
    format!("expected {expected}, found {found}")
}

/// `` `brokrs`, expected one of `brokers`, `delivery` `` becomes a sentence with the nearest of them.
fn unknown(what: &str, rest: &str) -> String {
    let mut quoted = rest.split('`').skip(1).step_by(2);
    let given = quoted.next().unwrap_or_default();
    let known: Vec<&str> = quoted.collect();
    nearest(what, given, &known)
}

/// Says that `given` is not known, and which of `known` may have been meant.
pub(super) fn nearest(what: &str, given: &str, known: &[&str]) -> String {
    if given == "kafka" && known == ["local"] {
        return format!("`{given}` is not supported by this version of kalends; leave it out");
    }
    let near = known
        .iter()
        .map(|word| (strsim::damerau_levenshtein(&given.to_lowercase(), &word.to_lowercase()), word))
        .filter(|(distance, word)| *distance <= 1 + word.len() / 4)
        .min();
    match near {
        Some((_, word)) => format!("unknown {what} `{given}`; did you mean `{word}`?"),
        None => format!("unknown {what} `{given}`; known here: {}", known.join(", ")),
    }
}
