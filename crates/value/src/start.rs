use std::{borrow::Cow, fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Start of a sink in a journal that it has never seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// At the oldest webhook that the journal still has.
    Earliest,
    /// At the first webhook received from now on.
    Latest,
    /// At the first webhook received at or after this instant, in microseconds since the Unix epoch.
    At(i64),
}

impl FromStr for Start {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "earliest" => Ok(Self::Earliest),
            "latest" => Ok(Self::Latest),
            time => time.parse::<jiff::Timestamp>().map(|at| Self::At(at.as_microsecond())).map_err(|_| {
                format!("`{text}` is no start; write earliest, latest or a time such as 2026-01-31T00:00:00Z")
            }),
        }
    }
}

impl<'de> Deserialize<'de> for Start {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl fmt::Display for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Earliest => f.write_str("earliest"),
            Self::Latest => f.write_str("latest"),
            Self::At(micros) => {
                write!(f, "{}", jiff::Timestamp::from_microsecond(*micros).unwrap_or_default())
            }
        }
    }
}

impl Serialize for Start {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for Start {
    fn schema_name() -> Cow<'static, str> {
        "Start".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "earliest, latest, or a time with its zone, such as 2026-01-31T00:00:00Z.",
            "type": "string",
            "anyOf": [{ "enum": ["earliest", "latest"] }, { "format": "date-time" }],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Start;

    #[test]
    fn a_start_is_a_word_or_a_time_with_its_zone() {
        assert_eq!("earliest".parse(), Ok(Start::Earliest));
        assert_eq!("latest".parse(), Ok(Start::Latest));
        assert_eq!("1970-01-01T00:00:01.5Z".parse(), Ok(Start::At(1_500_000)));
        assert_eq!("1970-01-01T01:00:00+01:00".parse(), Ok(Start::At(0)));
        for text in ["", "first", "2026-01-31", "2026-01-31T00:00:00"] {
            assert!(text.parse::<Start>().unwrap_err().contains("earliest"), "{text}");
        }
    }
}
