//! A YAML file as a tree in which every key and value knows its line and column.

use std::fmt;

use config::{Map, Value, ValueKind};
use serde::{Deserialize, Deserializer, de};
use serde_saphyr::{Location, Spanned, UserMessageFormatter};

use super::{
    Place, Problem,
    path::{Path, Step},
};

/// A file that could be read as YAML.
#[derive(Debug)]
pub(super) struct Tree {
    name: String,
    root: Spanned<Node>,
}

#[derive(Debug)]
enum Node {
    Scalar(ValueKind),
    List(Vec<Spanned<Node>>),
    Map(Vec<(Spanned<String>, Spanned<Node>)>),
}

impl Tree {
    /// Reads the text of the file `name`.
    ///
    /// # Errors
    /// Where it is no YAML, and why. A key that stands there twice is such an error.
    pub(super) fn read(name: &str, text: &str) -> Result<Self, Problem> {
        let root = serde_saphyr::from_str(text).map_err(|error| {
            let (line, column) = error.location().map_or((0, 0), |at| (at.line(), at.column()));
            let message = error.without_snippet().render_with_formatter(&UserMessageFormatter);
            // The place is told already, in our own way.
            let message = message.split(" at line ").next().unwrap_or(&message);
            Problem {
                place: Place::File { name: name.to_owned(), line, column },
                key: String::new(),
                message: format!("this is no valid YAML: {message}"),
            }
        })?;
        let tree = Self { name: name.to_owned(), root };
        match tree.root.value {
            Node::Map(_) | Node::Scalar(ValueKind::Nil) => Ok(tree),
            _ => Err(Problem {
                place: tree.place(&Path::default()),
                key: String::new(),
                message: "a configuration is a map of keys, such as `listen:`".into(),
            }),
        }
    }

    /// The values without their places.
    pub(super) fn values(&self) -> Map<String, Value> {
        match value(&self.root.value).kind {
            ValueKind::Table(table) => table,
            _ => Map::new(),
        }
    }

    /// Whether there is a map or a list at `path` that the next step towards `below` could be taken in.
    pub(super) fn has_below(&self, path: &Path, below: &Path) -> bool {
        let (_, taken, node) = self.follow(path);
        taken == path.steps().len()
            && match below.steps().get(taken) {
                Some(Step::Key(_)) => matches!(node, Node::Map(_)),
                Some(Step::Item(_)) => matches!(node, Node::List(_)),
                None => true,
            }
    }

    /// Where the value at `path` is written, or else the innermost map or list around it.
    pub(super) fn place(&self, path: &Path) -> Place {
        let at = self.follow(path).0;
        Place::File { name: self.name.clone(), line: at.line(), column: at.column() }
    }

    /// Follows `path` as far as it goes: where that is, how many steps it took, and what is there.
    fn follow(&self, path: &Path) -> (Location, usize, &Node) {
        let mut node = &self.root;
        let mut at = node.referenced;
        for (taken, step) in path.steps().iter().enumerate() {
            let next = match (step, &node.value) {
                (Step::Key(key), Node::Map(entries)) => entries
                    .iter()
                    .find(|(name, _)| name.value == *key)
                    .map(|(name, value)| (name.referenced, value)),
                (Step::Item(index), Node::List(items)) => {
                    items.get(*index).map(|item| (item.referenced, item))
                }
                _ => None,
            };
            let Some(next) = next else { return (at, taken, &node.value) };
            (at, node) = next;
        }
        (at, path.steps().len(), &node.value)
    }
}

fn value(node: &Node) -> Value {
    let kind = match node {
        Node::Scalar(kind) => kind.clone(),
        Node::List(items) => ValueKind::Array(items.iter().map(|item| value(&item.value)).collect()),
        Node::Map(entries) => ValueKind::Table(
            entries.iter().map(|(key, node)| (key.value.clone(), value(&node.value))).collect(),
        ),
    };
    Value::new(None, kind)
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> de::Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("YAML")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Scalar(ValueKind::Nil))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Scalar(ValueKind::Boolean(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Scalar(ValueKind::I64(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Scalar(ValueKind::U64(value)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Scalar(ValueKind::Float(value)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Scalar(ValueKind::String(text.to_owned())))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Node::Map(entries))
    }
}
