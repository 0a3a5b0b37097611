use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Requests in a time, such as `250/s`, `600/min` or `1000/h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    requests: u32,
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Second,
    Minute,
    Hour,
}

impl Unit {
    const ALL: [(&'static str, Self); 3] = [("s", Self::Second), ("min", Self::Minute), ("h", Self::Hour)];

    const fn seconds(self) -> u32 {
        match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => 3600,
        }
    }
}

impl Rate {
    /// Requests a second.
    #[must_use]
    pub fn per_second(self) -> f64 {
        f64::from(self.requests) / f64::from(self.unit.seconds())
    }

    /// Whole requests in a time.
    pub(crate) fn requests_in(self, time: std::time::Duration) -> usize {
        let requests =
            u128::from(self.requests) * time.as_millis() / (u128::from(self.unit.seconds()) * 1000);
        usize::try_from(requests).unwrap_or(usize::MAX)
    }

    fn parse(text: &str) -> Option<Self> {
        let (requests, word) = text.split_once('/')?;
        let unit = Unit::ALL.iter().find(|(name, _)| *name == word.trim()).map(|(_, unit)| *unit)?;
        let requests = requests.trim().parse().ok().filter(|requests| *requests > 0)?;
        Some(Self { requests, unit })
    }
}

/// `250/s`
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = Unit::ALL.iter().find(|(_, unit)| *unit == self.unit).map_or("s", |(word, _)| word);
        write!(f, "{}/{word}", self.requests)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            de::Error::custom(format!(
                "`{text}` is no rate; write requests in a time, such as 250/s, 600/min or 1000/h"
            ))
        })
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for Rate {
    fn schema_name() -> Cow<'static, str> {
        "RequestRate".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Requests in a time, such as 250/s, 600/min or 1000/h.",
            "type": "string",
            "pattern": "^ *[1-9][0-9]* */ *(s|min|h) *$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_requests_in_a_time() {
        for (text, per_second) in [("250/s", 250.0), ("600/min", 10.0), ("3600/h", 1.0)] {
            let rate = Rate::parse(text).unwrap();
            assert!((rate.per_second() - per_second).abs() < 1e-9, "{text}");
            assert_eq!(rate.to_string(), text);
        }
        for text in ["", "250", "0/s", "1/d", "-1/s", "a/s"] {
            assert_eq!(Rate::parse(text), None, "{text}");
        }
    }
}
