//! Reads the sinks of a configuration: the key `kind` says what the other keys are.

use std::collections::BTreeMap;

use kalends_value::{Content, Misfit, Node, Path, nearest};
use serde::{Deserializer, de::IgnoredAny};

use super::Sink;

const KINDS: &[&str] = &["files", "kafka"];

/// Takes the sinks out of the configuration and reads them.
pub(crate) fn read(root: &mut Node) -> (BTreeMap<String, Sink>, Vec<Misfit>) {
    let (mut sinks, mut misfits) = (BTreeMap::new(), Vec::new());
    let Some(entry) = root.remove("sinks") else { return (sinks, misfits) };
    let Content::Map(entries) = entry.node.content else {
        let (_, told) = kalends_value::read::<BTreeMap<String, String>>(entry.node);
        misfits.extend(told.into_iter().map(|(path, message)| (Path::keys(&["sinks"]).join(&path), message)));
        return (sinks, misfits);
    };
    for named in entries {
        let at = Path::keys(&["sinks", &named.key]);
        let (sink, told) = read_sink(named.node);
        misfits.extend(told.into_iter().map(|(path, message)| (at.join(&path), message)));
        sinks.extend(sink.map(|sink| (named.key, sink)));
    }
    (sinks, misfits)
}

fn read_sink(mut node: Node) -> (Option<Sink>, Vec<Misfit>) {
    let wrong = |at: Path, message: String| (None, vec![(at, message)]);
    if !matches!(node.content, Content::Map(_)) {
        return wrong(
            Path::default(),
            "expected a map of keys; a sink needs at least `kind: files` or `kind: kafka`".to_owned(),
        );
    }
    let Some(kind) = node.remove("kind") else {
        return wrong(Path::default(), "a sink needs a kind; add `kind: files` or `kind: kafka`".to_owned());
    };
    let at = Path::keys(&["kind"]);
    let Content::Text(kind) = kind.node.content else {
        return wrong(at, "expected files or kafka".to_owned());
    };
    match kind.as_str() {
        "files" => {
            let (files, told) = kalends_value::read_beside(node, &["kind"]);
            (files.map(Sink::Files), told)
        }
        "kafka" => {
            let (kafka, told) = kalends_value::read_beside(node, &["kind"]);
            (kafka.map(Sink::Kafka), told)
        }
        other => wrong(at, nearest("kind of sink", other, KINDS)),
    }
}

/// For `#[serde(deserialize_with)]`: the sinks are read by [`read`], which knows their kinds.
pub(crate) fn left_out<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Sink>, D::Error> {
    deserializer.deserialize_map(IgnoredAny).map(|_| BTreeMap::new())
}
