use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A journal's identity: 128 random bits made when the journal begins. Printed as 32 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct JournalId([u8; 16]);

impl JournalId {
    /// The identity with these bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The identity's bytes.
    #[must_use]
    pub const fn bytes(self) -> [u8; 16] {
        self.0
    }
}

impl fmt::Display for JournalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for JournalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not 32 hexadecimal digits.
#[derive(Debug, thiserror::Error)]
#[error("not a journal identity: want 32 hexadecimal digits, got {0:?}")]
pub struct ParseJournalIdError(String);

impl FromStr for JournalId {
    type Err = ParseJournalIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let valid = text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
        let number = u128::from_str_radix(text, 16).ok().filter(|_| valid);
        number.map(|n| Self(n.to_be_bytes())).ok_or_else(|| ParseJournalIdError(text.to_owned()))
    }
}

impl TryFrom<String> for JournalId {
    type Error = ParseJournalIdError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<JournalId> for String {
    fn from(id: JournalId) -> Self {
        id.to_string()
    }
}

/// The number of a shard. A journal with one shard has number 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShardId(u32);

impl ShardId {
    /// The first shard of every journal, and the only one of a journal on one machine.
    pub const FIRST: Self = Self(0);

    /// The shard with this number.
    #[must_use]
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The shard's number.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }

    /// `name` as the name of something that belongs to this shard. For the first shard it is `name` itself, for another one the
    /// number stands behind a dot, which no sink's name has.
    #[must_use]
    pub fn qualify(self, name: &str) -> String {
        if self == Self::FIRST { name.to_owned() } else { format!("{name}.shard-{}", self.0) }
    }
}

impl fmt::Display for ShardId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_survives_its_text() {
        let id = JournalId::new([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255]);
        assert_eq!(id.to_string(), "000102030405060708090a0b0c0d0eff");
        assert_eq!(id.to_string().parse::<JournalId>().unwrap(), id);
    }

    #[test]
    fn text_that_is_no_identity_is_refused() {
        for text in ["", "00", "+00102030405060708090a0b0c0d0eff", "g00102030405060708090a0b0c0d0eff"] {
            assert!(text.parse::<JournalId>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn shard_0_keeps_the_names_of_a_journal_without_shards() {
        assert_eq!(ShardId::FIRST.qualify("kafka"), "kafka");
        assert_eq!(ShardId::new(3).qualify("kafka"), "kafka.shard-3");
    }
}
