use std::fmt::Write as _;

use kalends_settings::Size;
use serde_json::Value;

/// What `/status` says, for people.
pub(super) fn of(status: &Value) -> String {
    let at = |pointer: &str| status.pointer(pointer).map(plain).unwrap_or_default();
    let size = |pointer: &str| {
        let bytes = status.pointer(pointer).and_then(Value::as_u64);
        bytes.map(Size::told).unwrap_or_default()
    };
    let readiness = match status.pointer("/not_ready_because").and_then(Value::as_str) {
        Some(reason) => format!("not ready: {reason}"),
        None => "ready".to_owned(),
    };
    let mut text = format!(
        "kalends {}, {readiness}, since {}\n  listens at {}\n  journal {}: {}, positions {} to {}, {} of {}\n",
        at("/version"),
        at("/started_at"),
        at("/public_address"),
        at("/journal/id"),
        at("/journal/state"),
        at("/journal/first_position"),
        at("/journal/last_position"),
        size("/journal/bytes"),
        size("/journal/max_bytes"),
    );
    let forgotten = status.pointer("/sinks/0/forgotten").and_then(Value::as_u64).unwrap_or(0);
    if forgotten > 0 {
        // Writing to a string can't fail.
        writeln!(text, "  forgotten: {forgotten} entries on the list of forgotten people").ok();
    }
    text += &dead_letters(status);
    for sink in status.get("sinks").and_then(Value::as_array).into_iter().flatten() {
        text += &line(sink);
    }
    text.trim_end().to_owned()
}

/// How many webhooks became dead letters in the last hour, and why the last one did.
fn dead_letters(status: &Value) -> String {
    let Some(last) = status.pointer("/dead_letters/0") else { return String::new() };
    let at = |key: &str| last.get(key).map(plain).unwrap_or_default();
    let minutes = status.pointer("/intake/dead_letters").and_then(Value::as_array);
    let count: u64 = minutes.into_iter().flatten().filter_map(Value::as_u64).sum();
    let sink = last.get("sink").and_then(Value::as_str);
    let whose = sink.map_or_else(String::new, |sink| format!(", refused by sink {sink}"));
    format!(
        "  dead letters: {count} webhooks of the last hour are no events; the last dead letter is position {}, received {}: {}{whose}\n    \
         `kalends dead-letters show {}` says more\n",
        at("position"),
        at("received_at"),
        at("reason"),
        at("position"),
    )
}

fn line(sink: &Value) -> String {
    let at = |key: &str| sink.get(key).map(plain).unwrap_or_default();
    let mut line = format!(
        "  sink {} ({}, {}): {} since {}, at position {}, {} positions behind\n",
        at("name"),
        at("kind"),
        at("guarantee"),
        at("state"),
        at("since"),
        at("position"),
        at("lag_events"),
    );
    if let Some(error) = sink.get("last_error").and_then(Value::as_str) {
        // Writing to a string can't fail.
        match at("state").as_str() {
            "running" => {
                writeln!(line, "    well since {}; last error, {}: {error}", at("since"), at("last_error_at"))
                    .ok()
            }
            _ => writeln!(line, "    last error, {}: {error}", at("last_error_at")).ok(),
        };
    }
    if let Some(position) = sink.get("seek_to").and_then(Value::as_u64) {
        writeln!(line, "    a seek waits, to go on with position {position}: `kalends sinks seek {} --cancel` takes it back", at("name")).ok();
    }
    if let Some(position) = sink.get("skip_at").and_then(Value::as_u64) {
        writeln!(
            line,
            "    an order waits, to skip position {position}: `kalends sinks skip {} --cancel` takes it back",
            at("name")
        )
        .ok();
    }
    line
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
