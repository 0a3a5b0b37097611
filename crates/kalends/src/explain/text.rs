use std::borrow::Cow;

use super::account::Account;

/// An account for people, line by line.
///
/// # Errors
/// The record is no JSON, which is a bug.
pub(super) fn lines(account: &Account) -> serde_json::Result<Vec<String>> {
    let mut lines = Vec::new();
    match &account.dead_letter {
        Some((reason, message)) => lines.push(format!("dead letter  {reason}: {message}")),
        None => lines.push(format!("record       {}", account.record_type)),
    }
    if account.topics.is_empty() {
        lines.push("topic        none: no sink takes it".into());
    }
    lines.extend(account.topics.iter().map(|(sink, topic)| format!("topic        {topic} (sink {sink})")));
    lines.push(format!("key          {}", account.key));
    lines.extend(account.headers.iter().map(|(name, value)| format!("header       {name}: {value}")));
    lines.extend(account.quirks.iter().map(|seen| {
        let place = if seen.pointer.is_empty() { "the body as a whole" } else { &seen.pointer };
        format!("quirk        {} at {place}", seen.quirk.as_str())
    }));
    lines.push(String::new());
    lines.extend(serde_json::to_string_pretty(&account.record)?.lines().map(str::to_owned));
    Ok(lines)
}

/// The line without control characters, with which a body would take hold of the terminal.
pub(crate) fn printable(line: &str) -> Cow<'_, str> {
    if !line.contains(char::is_control) {
        return Cow::Borrowed(line);
    }
    let show = |c: char| if c.is_control() { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() };
    line.chars().map(show).collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn control_characters_are_shown_and_not_sent_to_the_terminal() {
        assert_eq!(printable("é \u{1b}]0;x\u{7}\n\u{9b}1m"), "é \\u001b]0;x\\u0007\\u000a\\u009b1m");
        assert_eq!(printable("plain"), "plain");
    }
}
