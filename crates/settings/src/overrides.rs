//! Environment variables that override single keys: `KALENDS__SINKS__KAFKA__BROKERS` is `sinks.kafka.brokers`.

use kalends_value::{Path, Step};

use super::{Place, Problem};

/// Beginning of the variables' names.
pub(super) const PREFIX: &str = "KALENDS__";

/// Items before the one that is set have to exist, so a great number would fill the memory with nothing.
const MAX_ITEMS: usize = 1000;

/// The key that a variable overrides; `None` when the variable is not one of ours. `holds_names` says of a key whether names of the
/// operator's choice stand under it: a number is then a name, and otherwise an item of a list.
///
/// # Errors
/// The name leads to no key.
pub(super) fn path_of(variable: &str, holds_names: impl Fn(&str) -> bool) -> Option<Result<Path, Problem>> {
    let keys = variable.strip_prefix(PREFIX)?.to_ascii_lowercase();
    let mut above = None;
    let step = |text| {
        let is_name = above.replace(text).is_some_and(&holds_names);
        let item = if is_name { None } else { str::parse(text).ok() };
        item.map_or_else(|| Step::Key(text.to_owned()), Step::Item)
    };
    let path: Path = keys.split("__").map(step).collect();
    let named = |step: &Step| match step {
        Step::Key(key) => is_identifier(key),
        Step::Item(index) => *index < MAX_ITEMS,
    };
    if path.steps().iter().all(named) {
        return Some(Ok(path));
    }
    Some(Err(Problem {
        place: Place::Variable(variable.to_owned()),
        key: String::new(),
        message: "this names no key; write the keys with __ between, such as KALENDS__LOG__LEVEL".into(),
    }))
}

fn is_identifier(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::path_of;

    fn path(variable: &str) -> String {
        path_of(variable, |key| key == "sinks").unwrap().unwrap().to_string()
    }

    #[test]
    fn a_variable_is_the_path_of_its_key() {
        assert_eq!(path("KALENDS__ENDPOINTS__MAIN__TOKENS__0__ENV"), "endpoints.main.tokens[0].env");
        assert_eq!(path("KALENDS__SINKS__7__KIND"), "sinks.7.kind");
    }

    #[test]
    fn other_variables_are_left_alone() {
        assert!(path_of("KALENDS_CONFIG", |_| false).is_none());
        assert!(path_of("PATH", |_| false).is_none());
    }

    #[test]
    fn a_variable_without_a_key_is_a_problem() {
        for name in
            ["KALENDS__", "KALENDS__LOG__", "KALENDS____LEVEL", "KALENDS__A B", "KALENDS__A__99999999"]
        {
            assert!(path_of(name, |_| false).unwrap().is_err(), "{name}");
        }
    }
}
