//! Reads the sinks of a configuration: the key `kind` says what the other keys are.

use std::collections::BTreeMap;

use kalends_sink::{CommonKey, SinkKind, SinkKinds};
use kalends_value::{Content, Misfit, Node, Path, nearest};
use serde::{Deserializer, de::IgnoredAny};

use super::{Sink, sink::Common};

/// Takes the sinks out of the configuration and reads them.
pub(crate) fn read(root: &mut Node, kinds: SinkKinds) -> (BTreeMap<String, Sink>, Vec<Misfit>) {
    let (mut sinks, mut misfits) = (BTreeMap::new(), Vec::new());
    let Some(entry) = root.remove("sinks") else { return (sinks, misfits) };
    let Content::Map(entries) = entry.node.content else {
        let (_, told) = kalends_value::read::<BTreeMap<String, String>>(entry.node);
        misfits.extend(told.into_iter().map(|(path, message)| (Path::keys(&["sinks"]).join(&path), message)));
        return (sinks, misfits);
    };
    for named in entries {
        let at = Path::keys(&["sinks", &named.key]);
        let (sink, told) = read_sink(named.node, kinds);
        misfits.extend(told.into_iter().map(|(path, message)| (at.join(&path), message)));
        sinks.extend(sink.map(|sink| (named.key, sink)));
    }
    (sinks, misfits)
}

fn read_sink(mut node: Node, kinds: SinkKinds) -> (Option<Sink>, Vec<Misfit>) {
    let wrong = |at: Path, message: String| (None, vec![(at, message)]);
    let names: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
    let choices = || names.iter().map(|name| format!("`kind: {name}`")).collect::<Vec<_>>().join(" or ");
    if !matches!(node.content, Content::Map(_)) {
        let message = format!("expected a map of keys; a sink needs at least {}", choices());
        return wrong(Path::default(), message);
    }
    let Some(kind) = node.remove("kind") else {
        return wrong(Path::default(), format!("a sink needs a kind; add {}", choices()));
    };
    let at = Path::keys(&["kind"]);
    let Content::Text(name) = kind.node.content else {
        return wrong(at, format!("expected {}", names.join(" or ")));
    };
    match kinds.iter().find(|kind| kind.name() == name) {
        Some(kind) => read_keys(node, *kind),
        None => wrong(at, nearest("kind of sink", &name, &names)),
    }
}

/// Reads the common keys that the kind takes, and with them its own.
fn read_keys(mut node: Node, kind: &dyn SinkKind) -> (Option<Sink>, Vec<Misfit>) {
    let taken: Vec<&'static str> = kind.common().taken.iter().copied().map(CommonKey::name).collect();
    let common = take(&mut node, &taken);
    let beside: Vec<&'static str> = taken.iter().copied().chain(["kind"]).collect();
    let (own, mut misfits) = kind.read(node, &beside);
    let is_set = |key: CommonKey| common.get(key.name()).is_some();
    let (start, required) = (is_set(CommonKey::Start), is_set(CommonKey::Required));
    let (common, told) = kalends_value::read::<Common>(common);
    misfits.extend(told);
    let mut common = common.unwrap_or_default();
    if !start {
        common.start = kind.common().start;
    }
    if !required {
        common.required = kind.common().required;
    }
    (own.map(|own| Sink { common, own }), misfits)
}

/// Takes these keys out of a map, into another.
fn take(node: &mut Node, keys: &[&str]) -> Node {
    let entries = keys.iter().filter_map(|key| node.remove(key)).collect();
    Node { origin: node.origin.clone(), content: Content::Map(entries) }
}

/// For `#[serde(deserialize_with)]`: the sinks are read by [`read`], which knows their kinds.
pub(crate) fn left_out<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Sink>, D::Error> {
    deserializer.deserialize_map(IgnoredAny).map(|_| BTreeMap::new())
}
