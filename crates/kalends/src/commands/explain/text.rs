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
    lines.extend(account.header_lines());
    lines.extend(account.quirks.iter().map(|seen| {
        let place = if seen.pointer.is_empty() { "the body as a whole" } else { &seen.pointer };
        format!("quirk        {} at {place}", seen.quirk.as_str())
    }));
    lines.push(String::new());
    lines.extend(serde_json::to_string_pretty(&account.record)?.lines().map(str::to_owned));
    Ok(lines)
}
