//! Turns the merged tree into [`Settings`], finding every value that does not fit rather than the first one alone.

use config::{ConfigError, Map, Value, ValueKind};
use serde_path_to_error::Segment;

use super::{
    Settings,
    exact::refuse_lookalikes,
    path::{Path, Step},
    wording,
};

const SINK_KINDS: &[&str] = &["files", "kafka"];

/// Top-level keys whose value is a map of known keys.
const MAPS: &[&str] = &["listen", "journal", "deduplicate", "schemas", "admin", "log"];

/// Something that does not fit, and where.
pub(super) type Misfit = (Path, String);

/// Reads `root` as settings. Values that don't fit are taken out and listed; the settings are then what is left.
pub(super) fn read(root: Map<String, Value>) -> (Settings, Vec<Misfit>) {
    let mut misfits = Vec::new();
    let mut root = Value::new(None, ValueKind::Table(root));
    refuse_lists(&mut root, &Path::default(), &mut misfits);
    refuse_lookalikes(&mut root, &Path::default(), &mut misfits);
    name_kinds(&mut root, &mut misfits);
    loop {
        let error = match serde_path_to_error::deserialize::<_, Settings>(root.clone()) {
            Ok(settings) => return (settings, misfits),
            Err(error) => error,
        };
        let inner: Path = error.path().iter().filter_map(step).collect();
        let shown: Path = shown(&inner);
        if !was_taken_out(error.inner(), &shown, &misfits) {
            misfits.push((shown, wording::of(error.inner(), find(&root, inner.steps()))));
        }
        if !take_out(&mut root, inner.list().steps()) {
            return (Settings::default(), misfits);
        }
    }
}

/// Whether `error` only says that a key is missing at `at` which did not fit and was reported before.
fn was_taken_out(error: &ConfigError, at: &Path, misfits: &[Misfit]) -> bool {
    let ConfigError::NotFound(missing) = error else { return false };
    let missing = at.key(missing.rsplit('.').next().unwrap_or(missing));
    misfits.iter().any(|(path, _)| *path == missing)
}

/// Takes out lists that stand for maps: a derived `Deserialize` would take their items for its fields, in their order.
fn refuse_lists(value: &mut Value, at: &Path, misfits: &mut Vec<Misfit>) {
    let ValueKind::Table(table) = &mut value.kind else { return };
    let is_map = |key: &str| match at.steps() {
        [] => MAPS.contains(&key),
        [Step::Key(parent)] => parent == "endpoints",
        _ => matches!(key, "tls" | "rate" | "schema_registry" | "topics" | "privacy" | "classes"),
    };
    table.retain(|key, child| {
        let refused = is_map(key) && matches!(child.kind, ValueKind::Array(_));
        if refused {
            misfits.push((at.key(key), wording::wrong_type("a map", Some(child))));
        } else {
            refuse_lists(child, &at.key(key), misfits);
        }
        !refused
    });
}

/// Moves each sink's `kind` above its other keys, which is how [`super::Sink`] is read.
///
/// An enum that finds its kind among the keys would lose the path of whatever is wrong inside.
fn name_kinds(root: &mut Value, misfits: &mut Vec<Misfit>) {
    let ValueKind::Table(table) = &mut root.kind else { return };
    let Some(Value { kind: ValueKind::Table(sinks), .. }) = table.get_mut("sinks") else { return };
    let named = std::mem::take(sinks);
    for (name, mut sink) in named {
        let path = Path::keys(&["sinks", &name]);
        let ValueKind::Table(keys) = &mut sink.kind else {
            misfits.push((
                path,
                "expected a map of keys; a sink needs at least `kind: files` or `kind: kafka`".into(),
            ));
            continue;
        };
        let kind = keys.remove("kind").map(|kind| kind.kind);
        match kind {
            Some(ValueKind::String(kind)) if SINK_KINDS.contains(&kind.as_str()) => {
                let keyed = Map::from_iter([(kind, sink)]);
                sinks.insert(name, Value::new(None, ValueKind::Table(keyed)));
            }
            Some(ValueKind::String(kind)) => {
                misfits.push((path.key("kind"), wording::nearest("kind of sink", &kind, SINK_KINDS)));
            }
            Some(_) => misfits.push((path.key("kind"), "expected files or kafka".into())),
            None => misfits.push((path, "a sink needs a kind; add `kind: files` or `kind: kafka`".into())),
        }
    }
}

fn step(segment: &Segment) -> Option<Step> {
    match segment {
        Segment::Map { key } => Some(Step::Key(key.clone())),
        Segment::Enum { variant } => Some(Step::Key(variant.clone())),
        Segment::Seq { index } => Some(Step::Item(*index)),
        Segment::Unknown => None,
    }
}

/// The path as the operator wrote it: without the kind that [`name_kinds`] put in.
fn shown(path: &Path) -> Path {
    let is_sink = path.steps().first() == Some(&Step::Key("sinks".into()));
    path.steps()
        .iter()
        .enumerate()
        .filter(|(depth, _)| !(is_sink && *depth == 2))
        .map(|(_, step)| step.clone())
        .collect()
}

fn find<'a>(value: &'a Value, steps: &[Step]) -> Option<&'a Value> {
    let Some((first, rest)) = steps.split_first() else { return Some(value) };
    let next = match (first, &value.kind) {
        (Step::Key(key), ValueKind::Table(table)) => table.get(key),
        (Step::Item(index), ValueKind::Array(items)) => items.get(*index),
        _ => None,
    };
    find(next?, rest)
}

fn take_out(value: &mut Value, steps: &[Step]) -> bool {
    let (Some((Step::Key(key), rest)), ValueKind::Table(table)) = (steps.split_first(), &mut value.kind)
    else {
        return false;
    };
    if rest.is_empty() {
        return table.remove(key).is_some();
    }
    table.get_mut(key).is_some_and(|next| take_out(next, rest))
}
