//! Unsubscriptions that became dead letters.

/// The keys that name a subscription and a type in a body, whatever their case.
const ID: &str = "calendarSubscriptionId";
const TYPE: &str = "eventType";

/// The type that takes a subscription back.
const UNSUBSCRIBE: &str = "unsubscribe";

/// The id of the first subscription that a body names readably, be the body JSON or not: 1 to 200 printable characters of
/// ASCII without white space, quotes or backslashes.
pub(super) fn subscription_id(body: &[u8]) -> Option<&str> {
    text_of(body, ID)
}

/// Whether a dead letter is of an Unsubscribe: by its type, or where none could be read by the first that its body names so.
pub(super) fn is_unsubscribe(event_type: Option<&str>, body: &[u8]) -> bool {
    let event_type = event_type.or_else(|| text_of(body, TYPE));
    event_type.is_some_and(|event_type| event_type.eq_ignore_ascii_case(UNSUBSCRIBE))
}

/// The id in SQL, over the column `body`.
pub(super) fn subscription_id_sql() -> String {
    text_of_sql(ID)
}

/// A condition in SQL, over the columns `event_type` and `body`.
pub(super) fn is_unsubscribe_sql() -> String {
    format!("lower(coalesce(event_type, {}) COLLATE \"C\") = '{UNSUBSCRIBE}'", text_of_sql(TYPE))
}

fn text_of<'a>(body: &'a [u8], key: &str) -> Option<&'a str> {
    let key = format!("\"{key}\"");
    let is_key = |window: &[u8]| window.eq_ignore_ascii_case(key.as_bytes());
    let windows = body.windows(key.len()).enumerate();
    let mut ends = windows.filter(|(_, window)| is_key(window)).map(|(at, _)| at + key.len());
    ends.find_map(|end| value(body.get(end..)?))
}

/// `encode` writes backslashes and bytes beyond ASCII as escapes, which no text here has.
fn text_of_sql(key: &str) -> String {
    format!(
        r#"substring(encode(body, 'escape') from '(?i)"{key}"[ \t\r\n]*:[ \t\r\n]*"([]!#-[^-~]{{1,200}})"')"#
    )
}

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

    #[test]
    fn a_type_that_could_not_be_read_is_looked_for_in_the_body() {
        let broken = br#"{"EventType": "UNSUBSCRIBE","eventDetails":{"#;
        assert!(is_unsubscribe(None, broken));
        assert!(!is_unsubscribe(Some("Subscribe"), broken));
        assert!(is_unsubscribe(Some("Unsubscribe"), b""));
        assert!(!is_unsubscribe(None, br#"{"note":"\"eventType\":\"Unsubscribe\""}"#));
    }
}
