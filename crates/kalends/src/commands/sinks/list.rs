use kalends_delivery::{Command, CommandFile, noted_checkpoint};
use kalends_journal_local::inspect;
use kalends_settings::{Settings, Sink};
use serde_json::{Value, json};

use super::{state_directory, told_of};
use crate::{
    admin_client::ask_own,
    journals,
    output::{
        exit::Failure,
        pasteable::pasteable,
        stderr::say,
        stdout::{Reader, Stdout, printable},
    },
};

/// Prints how far each sink is.
pub(super) fn list(settings: &Settings, as_json: bool) -> Result<(), Failure> {
    let mut sinks = Vec::new();
    let running =
        ask_own(settings).map_err(|silence| say(format_args!("{silence}\nthis was noted last:"))).ok();
    for (name, sink) in &settings.sinks {
        sinks.push(match running.as_ref().and_then(|running| told_of(&running.status, name)) {
            Some(told) => told.clone(),
            None => as_noted(settings, name, sink)?,
        });
    }
    let mut out = Stdout::lock();
    let lines = if as_json { sinks.iter().map(Value::to_string).collect() } else { table(&sinks) };
    for line in lines {
        if out.line(pasteable(&printable(&line)))? == Reader::Gone {
            break;
        }
    }
    Ok(())
}

/// What is known of a sink without a daemon: what was noted last.
fn as_noted(settings: &Settings, name: &str, sink: &Sink) -> Result<Value, Failure> {
    let (directory, sink_notes) = (state_directory(settings), journals::notes(settings, name));
    let noted = noted_checkpoint(&sink_notes).map_err(|error| Failure::file(&directory, &error))?;
    let last = inspect(&settings.journal.directory).ok().map(|inspection| inspection.log().usage());
    let position = noted.map(|noted| noted.position);
    let lag =
        last.map(|usage| usage.last.saturating_sub(position.unwrap_or(0).max(usage.first.saturating_sub(1))));
    let (seek_to, skip_at) = match CommandFile::new(&sink_notes).waiting() {
        Ok(Some(Command::Seek(to))) => (Some(to.position + 1), None),
        Ok(Some(Command::Skip(at))) => (None, Some(at.position)),
        _ => (None, None),
    };
    Ok(json!({
        "name": name, "kind": sink.own.kind(), "guarantee": sink.own.guarantee().as_str(), "state": "unknown", "position": position, "lag_events": lag,
        "journal": noted.map(|noted| noted.journal), "seek_to": seek_to, "skip_at": skip_at,
    }))
}

fn table(sinks: &[Value]) -> Vec<String> {
    let text = |value: Option<&Value>| match value {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let columns = ["name", "kind", "state", "position", "lag_events", "guarantee"];
    let mut rows = vec![columns.map(|column| column.to_uppercase().replace('_', " "))];
    rows.extend(sinks.iter().map(|sink| columns.map(|column| text(sink.get(column)))));
    let width =
        |column: usize| rows.iter().filter_map(|row| row.get(column)).map(String::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let line = |row: &[String; 6]| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut lines: Vec<String> = rows.iter().map(line).collect();
    for sink in sinks.iter().filter(|sink| sink.get("state").is_some_and(|state| state == "hold")) {
        lines.push(format!("{} is on hold: {}", text(sink.get("name")), text(sink.get("last_error"))));
    }
    lines.extend(sinks.iter().filter_map(waiting));
    lines
}

/// The order that waits for a sink, if one does.
fn waiting(sink: &Value) -> Option<String> {
    let name = sink.get("name")?.as_str()?;
    let position = |key: &str| sink.get(key).and_then(Value::as_u64);
    if let Some(position) = position("seek_to") {
        return Some(format!(
            "{name} has a seek that waits, to go on with position {position}; `kalends sinks seek {name} --cancel` takes it back"
        ));
    }
    let position = position("skip_at")?;
    Some(format!(
        "{name} has an order that waits, to skip position {position}; `kalends sinks skip {name} --cancel` takes it back"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sinks_stand_in_columns_and_a_hold_says_why() {
        let sinks = [
            json!({"name": "kafka", "kind": "kafka", "state": "hold", "position": 5, "lag_events": 10, "last_error": "why", "guarantee": "at-least-once"}),
            json!({"name": "f", "kind": "files", "state": "unknown", "position": null, "lag_events": 0, "seek_to": 3, "guarantee": "exactly-once"}),
        ];
        assert_eq!(
            table(&sinks),
            [
                "NAME   KIND   STATE    POSITION  LAG EVENTS  GUARANTEE",
                "kafka  kafka  hold     5         10          at-least-once",
                "f      files  unknown  -         0           exactly-once",
                "kafka is on hold: why",
                "f has a seek that waits, to go on with position 3; `kalends sinks seek f --cancel` takes it back",
            ]
        );
    }
}
