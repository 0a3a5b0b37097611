//! Environment variables that override single keys: `KALENDS__SINKS__KAFKA__BROKERS` is `sinks.kafka.brokers`.

use super::{
    Place, Problem,
    path::{Path, Step},
};

/// What the variables' names begin with.
pub(super) const PREFIX: &str = "KALENDS__";

/// Keys whose value is a list of words, written with commas between in a variable.
const LISTS: &[&str] = &["only", "except", "keep_extra_fields"];

/// Items before the one that is set have to exist, so a great number would fill the memory with nothing.
const MOST_ITEMS: usize = 1000;

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
        let path = read_path(&keys);
        let named = |step: &Step| match step {
            Step::Key(key) => is_identifier(key),
            Step::Item(index) => *index < MOST_ITEMS,
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

/// A number is an item of a list, unless it stands where names do: `KALENDS__SINKS__7__KIND`.
fn read_path(keys: &str) -> Path {
    let mut above = None;
    keys.split("__")
        .map(|text| {
            let is_name = matches!(above.replace(text), Some("endpoints" | "sinks"));
            text.parse().ok().filter(|_| !is_name).map_or_else(|| Step::Key(text.to_owned()), Step::Item)
        })
        .collect()
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
        let read = Override::read("KALENDS__SINKS__7__KIND", "files").unwrap().unwrap();
        assert_eq!(read.path.to_string(), "sinks.7.kind");
    }

    #[test]
    fn other_variables_are_left_alone() {
        assert!(Override::read("KALENDS_CONFIG", "x").is_none());
        assert!(Override::read("PATH", "x").is_none());
    }

    #[test]
    fn a_variable_without_a_key_is_a_problem() {
        for name in
            ["KALENDS__", "KALENDS__LOG__", "KALENDS____LEVEL", "KALENDS__A B", "KALENDS__A__99999999"]
        {
            assert!(Override::read(name, "x").unwrap().is_err(), "{name}");
        }
    }
}
