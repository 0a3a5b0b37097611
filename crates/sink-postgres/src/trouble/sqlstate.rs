/// The reaction to an error of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Try again.
    Retry,
    /// Somebody has to act.
    Hold,
    /// A row of the batch is at fault.
    Refused,
}

/// The parts of a server error that decide its class.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Said<'a> {
    /// The SQLSTATE.
    pub(crate) code: &'a str,
    /// The constraint that was violated.
    pub(crate) constraint: Option<&'a str>,
    /// The schema of what it is about.
    pub(crate) schema: Option<&'a str>,
    /// The server's message.
    pub(crate) words: &'a str,
}

/// The class of an error. A violated unique index of the sink's own is told apart later: its name is not known here.
pub(crate) fn class(said: &Said<'_>) -> Class {
    match said.code {
        // Two of them made the same thing at once.
        "23505" if said.schema == Some("pg_catalog") => Class::Retry,
        // A partition that is missing violates no constraint that has a name.
        "23514" if said.constraint.is_none() => Class::Hold,
        "XX000" if said.words.contains("concurrently updated") => Class::Retry,
        code if RETRY.iter().any(|known| code.starts_with(known)) => Class::Retry,
        "22P02" | "22P03" => Class::Hold,
        code if REFUSED.iter().any(|known| code.starts_with(known)) => Class::Refused,
        _ => Class::Hold,
    }
}

/// Codes, or the classes that they begin with. The last three end a connection that stood idle or ran for too long.
const RETRY: [&str; 17] = [
    "08", "53", "57P01", "57P02", "57P03", "57014", "40001", "40P01", "55P03", "25006", "58030", "26000",
    "42P05", "57P05", "25P02", "25P03", "25P04",
];

const REFUSED: [&str; 9] = ["22", "54", "P0001", "44000", "23P01", "23502", "23503", "23505", "23514"];

/// The reaction, where the code alone decides it.
pub(super) fn advice(code: &str) -> &'static str {
    match code {
        "26000" | "42P05" => {
            "; something between here and the server mixes up statements: let the pooler run in transaction or session mode"
        }
        "25006" => "; this server is a standby: name the primary as well in `url`",
        "28000" | "28P01" => "; mend the user, its password or pg_hba.conf",
        "3D000" => "; create the database, or name another in `url`",
        "42501" => "; grant the right (docs/consume/postgres.md has the statements)",
        "42P10" => "; the table needs a unique index on (journal_id, journal_shard, journal_position)",
        "42703" | "42P01" => {
            "; let the sink make it (`migrate: true`), or run what `kalends schemas ddl` prints"
        }
        "23514" => "; if the table is partitioned, a partition is missing: create it",
        "53100" => "; the server's disk is full",
        _ => "",
    }
}

/// The server's message without the values that some messages quote.
pub(super) fn without_values(code: &str, message: &str) -> String {
    if code == "P0001" {
        // What a user's own trigger says may hold anything.
        return "a trigger of the table refuses the row".to_owned();
    }
    if !code.starts_with("22") {
        return message.to_owned();
    }
    // What stands between quotes, or behind a colon, may be a value of the row.
    let kept = message.split([':', '"']).next().unwrap_or_default().trim();
    if kept.len() == message.len() { message.to_owned() } else { format!("{kept} …") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: &str) -> Class {
        class(&Said { code, constraint: Some("theirs"), schema: Some("rokt"), words: "" })
    }

    #[test]
    fn each_code_has_its_class() {
        let retry = "08006 53100 53300 57P01 57P02 57P03 57014 40001 40P01 55P03 25006 58030 26000 42P05";
        let hold = "28P01 3D000 3F000 42501 42P01 42703 42804 22P02 22P03 XX000 0A000 57P04 55006";
        let refused = "22001 22021 54000 P0001 44000 23P01 23502 23503 23514";
        for (codes, class) in [(retry, Class::Retry), (hold, Class::Hold), (refused, Class::Refused)] {
            for code in codes.split(' ') {
                assert_eq!(of(code), class, "{code}");
            }
        }
    }

    #[test]
    fn what_stands_beside_the_code_counts_too() {
        let said = |code, constraint, schema, words| class(&Said { code, constraint, schema, words });
        assert_eq!(said("23514", None, Some("rokt"), ""), Class::Hold);
        assert_eq!(said("23505", Some("pg_class_oid_index"), Some("pg_catalog"), ""), Class::Retry);
        assert_eq!(said("23505", Some("theirs"), Some("rokt"), ""), Class::Refused);
        assert_eq!(said("XX000", None, None, "tuple concurrently updated"), Class::Retry);
    }

    #[test]
    fn a_message_tells_no_value() {
        let words = without_values("22P02", "invalid input syntax for type integer: \"ada@example.org\"");
        assert_eq!(words, "invalid input syntax for type integer …");
        assert_eq!(without_values("23502", "null value in column \"a\""), "null value in column \"a\"");
    }
}
