use std::{borrow::Cow, fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A number of bytes, written as `1MiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(u64);

const UNITS: &[(&str, u64)] = &[
    ("", 1),
    ("B", 1),
    ("kB", 1000),
    ("KB", 1000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

impl Size {
    /// So many bytes.
    #[must_use]
    pub const fn new(bytes: u64) -> Self {
        Self(bytes)
    }

    /// So many times 1,048,576 bytes.
    #[must_use]
    pub const fn mebibytes(count: u32) -> Self {
        // Widening: `u64::from` is not const.
        #[expect(clippy::as_conversions, reason = "u32 to u64 in a const fn")]
        Self((count as u64) << 20)
    }

    /// A number of bytes that was counted, for people: in the largest unit that it has one of, with two digits or more.
    #[must_use]
    pub fn told(bytes: u64) -> String {
        let unit = UNITS.iter().rev().find(|(unit, factor)| unit.ends_with("iB") && bytes >= *factor);
        let Some((unit, factor)) = unit else { return format!("{bytes} B") };
        let rounded = |parts: u64| bytes.saturating_mul(parts).saturating_add(factor / 2) / factor;
        match rounded(10) {
            tenths if tenths < 100 && !tenths.is_multiple_of(10) => {
                format!("{}.{} {unit}", tenths / 10, tenths % 10)
            }
            _ => format!("{} {unit}", rounded(1)),
        }
    }

    /// The number of bytes.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, factor) = UNITS
            .iter()
            .rev()
            .find(|(unit, factor)| {
                unit.ends_with("iB") && self.0 >= *factor && self.0.is_multiple_of(*factor)
            })
            .unwrap_or(&("B", 1));
        write!(f, "{}{unit}", self.0 / factor)
    }
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        let unit = unit.trim();
        let factor = UNITS.iter().find(|(name, _)| *name == unit).map(|(_, factor)| *factor);
        let bytes =
            number.parse::<u64>().ok().zip(factor).and_then(|(number, factor)| number.checked_mul(factor));
        bytes.map(Self).ok_or_else(|| {
            format!("`{text}` is no size; write a whole number and a unit, such as 64KiB, 1MiB or 10GiB")
        })
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SizeVisitor)
    }
}

impl Serialize for Size {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for Size {
    fn schema_name() -> Cow<'static, str> {
        "Size".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A whole number with a unit, such as 64KiB, 1MiB or 10GB; without one it is bytes.",
            "type": ["string", "integer"],
            "pattern": "^\\s*[0-9]+\\s*(B|kB|KB|MB|GB|TB|KiB|MiB|GiB|TiB)?\\s*$",
            "minimum": 0,
        })
    }
}

struct SizeVisitor;

impl de::Visitor<'_> for SizeVisitor {
    type Value = Size;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a size such as 1MiB")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Size, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_u64<E: de::Error>(self, bytes: u64) -> Result<Size, E> {
        Ok(Size(bytes))
    }

    fn visit_i64<E: de::Error>(self, bytes: i64) -> Result<Size, E> {
        u64::try_from(bytes).map(Size).map_err(|_| E::custom(format!("{bytes} is no size; it is negative")))
    }
}

#[cfg(test)]
mod tests {
    use super::Size;

    #[test]
    fn sizes_are_read_with_decimal_and_binary_units() {
        for (text, bytes) in
            [("0", 0), ("17", 17), ("1MiB", 1 << 20), ("64 KiB", 65_536), ("10GB", 10_000_000_000)]
        {
            assert_eq!(text.parse(), Ok(Size::new(bytes)), "{text}");
        }
    }

    #[test]
    fn what_is_no_size_says_how_to_write_one() {
        for text in ["", "MiB", "-1", "1.5GiB", "1 mib", "99999999999TiB", "1MiB2"] {
            let error = text.parse::<Size>().unwrap_err();
            assert!(error.contains("1MiB"), "{text}: {error}");
        }
    }

    #[test]
    fn a_size_that_was_counted_is_told_in_two_digits_or_more() {
        for (bytes, told) in [
            (0, "0 B"),
            (822, "822 B"),
            (1024, "1 KiB"),
            (10_000, "9.8 KiB"),
            (10_230, "10 KiB"),
            ((3 << 30) + 1, "3 GiB"),
            (123_456_789_012, "115 GiB"),
        ] {
            assert_eq!(Size::told(bytes), told);
        }
    }

    #[test]
    fn a_size_is_printed_as_it_would_be_written() {
        for text in ["0B", "17B", "1MiB", "10GiB", "1025KiB"] {
            assert_eq!(text.parse::<Size>().unwrap().to_string(), text);
        }
    }
}
