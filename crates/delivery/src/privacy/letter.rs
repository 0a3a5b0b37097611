//! What a dead letter may say of a body that nobody could read as an event.

/// Whether a text is written as the sender writes its identifiers: a UUID. Nothing personal looks like one.
pub(super) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::is_uuid;

    #[test]
    fn an_identifier_is_told_from_whatever_else_stands_there() {
        assert!(is_uuid("0f1d5918-052d-4915-89a7-8cc9c4d33492"));
        assert!(is_uuid("0F1D5918-052D-4915-89A7-8CC9C4D33492"));
        for text in [
            "",
            "a@example.org",
            "07700900123",
            "0f1d5918-052d-4915-89a7-8cc9c4d3349é",
            "0f1d59180052d049150089a7008cc9c4d33492",
        ] {
            assert!(!is_uuid(text), "{text}");
        }
    }
}
