use super::account::{Account, Place};
use crate::output::instant;

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
    lines.extend(place(account));
    match &account.of {
        Some(sink) if account.sinks.is_empty() => {
            lines.push(format!(
                "topic        none: sink {sink} doesn't take {} (only, except)",
                account.record_type
            ));
            return Ok(lines);
        }
        None if account.sinks.is_empty() => lines.push("topic        none: no sink takes it".into()),
        _ => {}
    }
    for sink in &account.sinks {
        lines.push(format!("topic        {} (sink {})", sink.topic, sink.name));
        let of = if account.of.is_some() { String::new() } else { format!(" (sink {})", sink.name) };
        lines.extend(sink.written.iter().map(|(what, text)| format!("{what:<11}  {text}{of}")));
    }
    lines.push(format!("key          {}", account.key()));
    lines.extend(account.header_lines());
    lines.extend(account.quirks.iter().map(|seen| {
        let place = if seen.pointer.is_empty() { "the body as a whole" } else { &seen.pointer };
        format!("quirk        {} at {place}", seen.quirk.as_str())
    }));
    lines.extend(values(account));
    lines.push(String::new());
    lines.extend(serde_json::to_string_pretty(&account.shown())?.lines().map(str::to_owned));
    Ok(lines)
}

/// Where the webhook stands, or would.
fn place(account: &Account) -> Vec<String> {
    let Some(Place { position, received_at, endpoint }) = &account.place else {
        return account.endpoint.iter().map(|name| format!("endpoint     {name}")).collect();
    };
    let received = instant::shown(*received_at);
    let mut lines = vec![
        format!("position     {position}"),
        format!("received     {}", received.as_str().unwrap_or_default()),
        format!("endpoint     {endpoint}"),
    ];
    if account.is_duplicate {
        lines.push("duplicate    it repeats an event of the window before it: no sink gets it".to_owned());
    }
    lines
}

/// Whose view of personal data the values are.
fn values(account: &Account) -> Vec<String> {
    let changed = account.changed();
    let forgotten =
        "forgotten    its person is on the list of forgotten people: personal values are left out".to_owned();
    let mut lines: Vec<_> = account.is_forgotten.then_some(forgotten).into_iter().collect();
    if let Some(sink) = &account.of {
        let fields = changed.get(sink.as_str()).map(|fields| fields.join(", "));
        lines.extend(fields.map(|fields| format!("privacy      changes {fields}")));
        return lines;
    }
    let of_sink = |(sink, fields): (&&str, &Vec<&str>)| {
        format!("privacy      of sink {sink} changes {}", fields.join(", "))
    };
    lines.extend(changed.iter().map(of_sink));
    if !changed.is_empty() {
        lines.push("values       as received, before privacy; --sink NAME shows what a sink gets".to_owned());
    }
    lines
}
