use super::account::Account;

/// An account for people, line by line.
pub(super) fn lines(account: &Account) -> Vec<String> {
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
    // Pretty-printing a value can't fail: its keys are text and it is written to memory.
    let record = serde_json::to_string_pretty(&account.record).unwrap_or_else(|_| account.record.to_string());
    lines.extend(record.lines().map(str::to_owned));
    lines
}
