use std::str::FromStr;

use serde::{Deserialize, Deserializer, de};

/// Where a sink starts in a journal that it has never seen.
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
