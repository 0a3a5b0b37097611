//! Unsubscriptions that became dead letters.

/// The key that names a subscription in a body, whatever its case.
const KEY: &[u8] = b"\"calendarsubscriptionid\"";

/// The id of the first subscription that a body names readably, be the body JSON or not: 1 to 200 printable characters of
/// ASCII without white space, quotes or backslashes.
pub(super) fn subscription_id(body: &[u8]) -> Option<&str> {
    let is_key = |window: &[u8]| window.eq_ignore_ascii_case(KEY);
    let mut ends = body
        .windows(KEY.len())
        .enumerate()
        .filter(|(_, window)| is_key(window))
        .map(|(at, _)| at + KEY.len());
    ends.find_map(|end| value(body.get(end..)?))
}

/// The same in SQL, over the column `body`. `encode` writes backslashes and bytes beyond ASCII as escapes, which no id has.
pub(super) const SUBSCRIPTION_ID_SQL: &str = r#"substring(encode(body, 'escape') from '(?i)"calendarSubscriptionId"[ \t\r\n]*:[ \t\r\n]*"([]!#-[^-~]{1,200})"')"#;

fn value(rest: &[u8]) -> Option<&str> {
    let rest = skip_space(rest).strip_prefix(b":")?;
    let rest = skip_space(rest).strip_prefix(b"\"")?;
    let length = rest.iter().position(|byte| !is_of_id(*byte))?;
    let (id, behind) = rest.split_at_checked(length)?;
    let fits = behind.first() == Some(&b'"') && (1..=super::id::LONGEST).contains(&length);
    if fits { str::from_utf8(id).ok() } else { None }
}

fn is_of_id(byte: u8) -> bool {
    byte.is_ascii_graphic() && byte != b'"' && byte != b'\\'
}

fn skip_space(bytes: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    let begin = bytes.iter().position(|byte| !is_space(byte)).unwrap_or(bytes.len());
    bytes.get(begin..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_readable_id_counts_even_where_the_body_is_broken() {
        let id = |body: &str| subscription_id(body.as_bytes()).map(str::to_owned);
        assert_eq!(id(r#"{"eventDetails":{"CalendarSubscriptionId" : "ab-1","#), Some("ab-1".into()));
        assert_eq!(
            id(r#"{"calendarSubscriptionId":null,"x":{"calendarSubscriptionId":"b"}}"#),
            Some("b".into())
        );
        assert_eq!(id(r#"{"note":"\"calendarSubscriptionId\":\"b\""}"#), None);
        assert_eq!(id(r#"{"calendarSubscriptionId":"a b"}"#), None);
        assert_eq!(id(&format!(r#"{{"calendarSubscriptionId":"{}"}}"#, "x".repeat(201))), None);
        assert_eq!(id(""), None);
    }
}
