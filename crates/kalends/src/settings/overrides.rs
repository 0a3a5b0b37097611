//! Environment variables that override single keys: `KALENDS__SINKS__KAFKA__BROKERS` is `sinks.kafka.brokers`.

use super::{
    Place, Problem,
    path::{Path, Step},
};

const PREFIX: &str = "KALENDS__";

/// Keys whose value is a list of words, written with commas between in a variable.
const LISTS: &[&str] = &["only", "except"];

/// One variable and the key that it overrides.
#[derive(Debug)]
pub(super) struct Override {
    pub(super) variable: String,
    pub(super) path: Path,
    pub(super) value: config::Value,
}

impl Override {
    /// Reads a variable; `None` when it is not one of ours.
    ///
    /// # Errors
    /// The name leads to no key.
    pub(super) fn read(variable: &str, value: &str) -> Option<Result<Self, Problem>> {
        let keys = variable.strip_prefix(PREFIX)?.to_ascii_lowercase();
        let path: Path = keys.split("__").map(step).collect();
        let named = |step: &Step| match step {
            Step::Key(key) => is_identifier(key),
            Step::Item(_) => true,
        };
        if !path.steps().iter().all(named) {
            return Some(Err(Problem {
                place: Place::Variable(variable.to_owned()),
                key: String::new(),
                message: "this names no key; write the keys with __ between, such as KALENDS__LOG__LEVEL"
                    .into(),
            }));
        }
        let is_list = matches!(path.steps().last(), Some(Step::Key(key)) if LISTS.contains(&key.as_str()));
        let value = if is_list {
            value
                .split(',')
                .map(str::trim)
                .filter(|word| !word.is_empty())
                .map(str::to_owned)
                .collect::<Vec<_>>()
                .into()
        } else {
            value.into()
        };
        Some(Ok(Self { variable: variable.to_owned(), path, value }))
    }
}

fn step(text: &str) -> Step {
    text.parse().map_or_else(|_| Step::Key(text.to_owned()), Step::Item)
}

fn is_identifier(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::Override;

    #[test]
    fn a_variable_is_the_path_of_its_key() {
        let read = Override::read("KALENDS__ENDPOINTS__MAIN__TOKENS__0__ENV", "X").unwrap().unwrap();
        assert_eq!(read.path.to_string(), "endpoints.main.tokens[0].env");
    }

    #[test]
    fn other_variables_are_left_alone() {
        assert!(Override::read("KALENDS_CONFIG", "x").is_none());
        assert!(Override::read("PATH", "x").is_none());
    }

    #[test]
    fn a_variable_without_a_key_is_a_problem() {
        for name in ["KALENDS__", "KALENDS__LOG__", "KALENDS____LEVEL", "KALENDS__A B"] {
            assert!(Override::read(name, "x").unwrap().is_err(), "{name}");
        }
    }
}
