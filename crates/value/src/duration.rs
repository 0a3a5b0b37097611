//! Durations as they are written in the file: `90s`, `1h30m`, `7d`.

pub mod optional;

use std::{borrow::Cow, fmt, time::Duration};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserializer, Serializer, de};

const UNITS: &[(&str, u64)] = &[("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

/// Reads `text` as whole numbers with units, largest first or not.
///
/// # Errors
/// What to write instead.
pub fn parse(text: &str) -> Result<Duration, String> {
    let wrong = || {
        format!("`{text}` is no duration; write whole numbers with units, such as 500ms, 20s, 1h30m or 7d")
    };
    let mut rest = text.trim();
    if rest == "0" {
        return Ok(Duration::ZERO);
    }
    let mut millis: Option<u64> = None;
    while !rest.is_empty() {
        let (number, tail) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?);
        let (unit, tail) = tail.split_at(tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len()));
        let factor =
            UNITS.iter().find(|(name, _)| *name == unit).map(|(_, factor)| factor).ok_or_else(wrong)?;
        let part = number.parse::<u64>().ok().and_then(|n| n.checked_mul(*factor)).ok_or_else(wrong)?;
        millis = Some(millis.unwrap_or(0).checked_add(part).ok_or_else(wrong)?);
        rest = tail.trim_start();
    }
    millis.map(Duration::from_millis).ok_or_else(wrong)
}

/// For `#[serde(with = "duration")]`.
///
/// # Errors
/// As [`parse`]; a bare number is refused, because its unit would be a guess.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    deserializer.deserialize_any(DurationVisitor)
}

/// For `#[serde(with = "duration")]`: as [`print`](fn@print).
///
/// # Errors
/// The serializer's own.
pub fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&print(*duration))
}

/// Writes a duration as [`parse`] reads it, in the largest units that fit.
#[must_use]
pub fn print(duration: Duration) -> String {
    let mut rest = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let mut text = String::new();
    for (unit, factor) in UNITS.iter().rev() {
        if rest >= *factor {
            text.extend([(rest / factor).to_string().as_str(), unit]);
            rest %= factor;
        }
    }
    if text.is_empty() { "0".to_owned() } else { text }
}

/// The form of a duration in the file, for `#[schemars(with = "duration::Written")]`.
pub enum Written {}

impl JsonSchema for Written {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Whole numbers with units, such as 500ms, 20s, 1h30m or 7d; or 0.",
            "type": ["string", "integer"],
            "pattern": "^\\s*(0|([0-9]+(ms|s|m|h|d)\\s*)+)$",
            "maximum": 0,
        })
    }
}

struct DurationVisitor;

impl de::Visitor<'_> for DurationVisitor {
    type Value = Duration;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration such as 20s or 7d")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Duration, E> {
        parse(text).map_err(E::custom)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Duration, E> {
        parse(&number.to_string()).map_err(E::custom)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Duration, E> {
        parse(&number.to_string()).map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{parse, print};

    #[test]
    fn durations_are_read_with_units() {
        for (text, millis) in
            [("500ms", 500), ("20s", 20_000), ("1h30m", 5_400_000), ("7d", 604_800_000), ("0", 0)]
        {
            assert_eq!(parse(text), Ok(Duration::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn a_duration_is_printed_as_it_would_be_written() {
        for text in ["0", "1ms", "500ms", "20s", "1h30m", "7d", "1d2h3m4s5ms"] {
            assert_eq!(print(parse(text).unwrap()), text);
        }
    }

    #[test]
    fn what_is_no_duration_says_how_to_write_one() {
        for text in
            ["", "20", "-1s", "1.5h", "s", "7 days", "1w", "99999999999999999999d", "999999999999999d"]
        {
            let error = parse(text).unwrap_err();
            assert!(error.contains("such as"), "{text}: {error}");
        }
    }
}
