//! The identity of a subscription.

/// The longest id that a state is kept for, in bytes.
pub(super) const LONGEST: usize = 200;

/// The id that a state is kept under: in lower case where it is a UUID, which senders spell either way. `Err` when it is
/// too long, `Ok(None)` when it is empty.
pub(super) fn normal(id: &str) -> Result<Option<String>, TooLong> {
    match id.len() {
        0 => Ok(None),
        length if length > LONGEST => Err(TooLong),
        _ if is_uuid(id) => Ok(Some(id.to_ascii_lowercase())),
        _ => Ok(Some(id.to_owned())),
    }
}

/// The id has more than [`LONGEST`] bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooLong;

/// The identity as an SQL expression; null where no state is kept.
pub(super) fn normal_sql(column: &str) -> String {
    format!(
        "CASE WHEN octet_length({column}) NOT BETWEEN 1 AND {LONGEST} THEN NULL \
         WHEN {column} ~ '^[0-9a-fA-F]{{8}}(-[0-9a-fA-F]{{4}}){{3}}-[0-9a-fA-F]{{12}}$' THEN lower({column} COLLATE \"C\") \
         ELSE {column} END"
    )
}

fn is_uuid(id: &str) -> bool {
    let at_dash = |index| matches!(index, 8 | 13 | 18 | 23);
    id.len() == 36
        && id.bytes().enumerate().all(|(i, b)| if at_dash(i) { b == b'-' } else { b.is_ascii_hexdigit() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_uuids_lose_their_case() {
        let of = |id: &str| normal(id).unwrap().unwrap();
        assert_eq!(of("7AE10174-37fb-4448-8F61-2f86f167009e"), "7ae10174-37fb-4448-8f61-2f86f167009e");
        assert_eq!(of("Abc"), "Abc");
        assert_eq!(normal(""), Ok(None));
        assert_eq!(normal(&"x".repeat(201)), Err(TooLong));
        assert!(normal(&"x".repeat(200)).is_ok());
    }
}
