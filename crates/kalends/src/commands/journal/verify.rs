use std::{
    fmt::Write as _,
    io::{self, Write},
    ops::RangeInclusive,
    path::Path,
};

use kalends_journal_local::{Damage, Verification, verify as read};
use kalends_settings::Size;
use serde_json::{Value, json};

use super::unopened;
use crate::output::{
    exit::{Exit, Failure},
    pasteable::pasteable,
    progress::Bar,
    stdout::Stdout,
};

/// Reads every byte and prints what was found; damage is a failure.
pub(super) fn verify(directory: &Path, as_json: bool) -> Result<(), Failure> {
    let found = with_progress(directory)?;
    let mut out = Stdout::lock();
    if as_json {
        out.line(summary(&found)).map(drop)?;
    } else {
        out.line(account(&found)).map(drop)?;
    }
    if found.damage.is_empty() {
        return Ok(());
    }
    let message = format!(
        "{}: {}; stop the daemon, then `kalends journal repair` sets the damaged bytes aside and keeps the rest",
        directory.display(),
        verdict(&found.damage)
    );
    Err(Failure::new(Exit::Disk, message))
}

/// Verifies, with a bar on a terminal.
pub(super) fn with_progress(directory: &Path) -> Result<Verification, Failure> {
    let bar = Bar::of_bytes();
    let found = read(directory, |done, total| {
        bar.total(total);
        bar.at(done);
    });
    drop(bar);
    found.map_err(|error| unopened(&error))
}

/// One line a damaged place.
pub(super) fn places(damage: &[Damage]) -> String {
    let mut text = String::new();
    for Damage { file, offset, bytes, positions } in damage {
        let lost = positions.as_ref().map_or_else(
            || "every frame is readable".to_owned(),
            |positions| format!("lost: {}", range(positions)),
        );
        let bytes = Size::told(*bytes);
        writeln!(text, "{}: byte {offset}: {bytes} damaged; {lost}", file.display()).ok();
    }
    text
}

/// How much is damaged and lost, in a few words.
pub(super) fn verdict(damage: &[Damage]) -> String {
    let lost: Vec<_> = damage.iter().filter_map(|place| place.positions.as_ref()).map(range).collect();
    let lost =
        if lost.is_empty() { "no event is lost".to_owned() } else { format!("lost: {}", lost.join(", ")) };
    let places = if damage.len() == 1 { "place is" } else { "places are" };
    format!("{} {places} damaged, {lost}", damage.len())
}

/// Writes lines on standard error.
pub(super) fn say(text: &str) {
    // With standard error gone there is nobody to tell.
    io::stderr().lock().write_all(pasteable(text).as_bytes()).ok();
}

fn range(positions: &RangeInclusive<u64>) -> String {
    match (positions.start(), positions.end()) {
        (first, last) if first == last => format!("position {first}"),
        (first, last) => format!("positions {first} to {last}"),
    }
}

fn account(found: &Verification) -> String {
    let mut text = places(&found.damage);
    for gap in &found.gaps {
        let lost = range(&gap.positions);
        writeln!(text, "{}: byte {}: on record as missing: {lost}", gap.file.display(), gap.offset).ok();
    }
    if let Some(tail) = &found.tail {
        let (file, bytes) = (tail.file.display(), Size::told(tail.bytes));
        writeln!(
            text,
            "{file}: byte {}: {bytes} of a write that is going on, or that a crash tore",
            tail.offset
        )
        .ok();
    }
    let verdict = if found.damage.is_empty() { "sound" } else { "damaged" };
    let Verification { frames, first, last, segments, .. } = found;
    let bytes = Size::told(found.bytes);
    write!(text, "{verdict}: {frames} frames, positions {first} to {last}, {segments} segments, {bytes}")
        .ok();
    text
}

/// A damaged place for programs.
pub(super) fn place(place: &Damage) -> Value {
    let lost = place.positions.as_ref().map(ends);
    json!({ "file": place.file, "offset": place.offset, "bytes": place.bytes, "lost": lost })
}

fn ends(positions: &RangeInclusive<u64>) -> Value {
    json!({ "first": positions.start(), "last": positions.end() })
}

fn summary(found: &Verification) -> Value {
    let damage: Vec<_> = found.damage.iter().map(place).collect();
    let gaps: Vec<_> = found
        .gaps
        .iter()
        .map(|gap| json!({ "file": gap.file, "offset": gap.offset, "lost": ends(&gap.positions) }))
        .collect();
    let tail = found.tail.as_ref();
    let tail = tail.map(|tail| json!({ "file": tail.file, "offset": tail.offset, "bytes": tail.bytes }));
    json!({
        "sound": found.damage.is_empty(), "first": found.first, "last": found.last, "frames": found.frames,
        "segments": found.segments, "bytes": found.bytes, "damage": damage, "gaps": gaps, "tail": tail,
    })
}
