const LONGEST_TOPIC: usize = 249;

pub(super) const TOPIC_RULE: &str =
    "a topic's name consists of letters, digits, `.`, `_` and `-`, at most 249, and does not begin with `.`";

/// Whether Kafka would take the name; as a folder's it is neither hidden nor a way out.
pub(super) fn is_topic(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=LONGEST_TOPIC).contains(&name.len()) && name.bytes().all(allowed) && !name.starts_with('.')
}
