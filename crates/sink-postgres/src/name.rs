//! Names and literals in SQL.

use std::fmt;

/// The longest identifier that the server keeps whole, in bytes.
pub const LONGEST_NAME: usize = 63;

/// Tables and views that are not one of an event type's.
pub const OWN_NAMES: [&str; 5] =
    ["checkpoints", "subscription_state", "subscriptions", "subscribers", "marketing_allowed"];

/// The default name of the table for a topic's suffix, such as `subscription_event_added`.
#[must_use]
pub fn table_name(suffix: &str) -> String {
    suffix.replace('-', "_")
}

/// A name, quoted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.replace('"', "\"\""))
    }
}

/// A table's or a view's name with its schema, quoted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Qualified<'a>(pub(crate) &'a str, pub(crate) &'a str);

impl fmt::Display for Qualified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", Quoted(self.0), Quoted(self.1))
    }
}

/// A text, as a literal that means the same whatever `standard_conforming_strings` says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Literal<'a>(pub(crate) &'a str);

impl fmt::Display for Literal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quotes = self.0.replace('\'', "''");
        if quotes.contains('\\') {
            write!(f, "E'{}'", quotes.replace('\\', "\\\\"))
        } else {
            write!(f, "'{quotes}'")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_literals_end_where_they_should() {
        assert_eq!(Qualified("ro\"kt", "a").to_string(), r#""ro""kt"."a""#);
        assert_eq!(Literal("it's").to_string(), "'it''s'");
        assert_eq!(Literal(r"a\'b").to_string(), r"E'a\\''b'");
    }
}
