use std::borrow::Cow;

use crate::{
    avro::Value,
    plan::{kind::Kind, trie::NodeId},
    project::{
        Projection,
        convert::{self, Leaf, Reading},
    },
    quirk::{Quirk, QuirkSeen},
    walk::findings::{Column, Form, Leftover},
};

impl<'a> Projection<'a> {
    /// One text for each element of the first of these arrays that is there; empty where an element has none.
    pub(super) fn texts(&mut self, from: &[NodeId]) -> Value<'a> {
        let mut winner = None;
        for &node in from {
            let Some((array, elements)) = self.array_of(node) else { continue };
            let Some(found) = self.findings.found(array).filter(|_| self.has_value(array)) else { continue };
            if winner.is_some() {
                self.leave(array, found.value, None);
            } else if found.form == Form::Array {
                winner = Some(self.column(node, elements));
            }
        }
        winner.map_or(Value::Null, Value::Texts)
    }

    /// The array that a path leads through, and the node of its elements.
    fn array_of(&self, node: NodeId) -> Option<(NodeId, NodeId)> {
        let mut elements = node;
        loop {
            let parent = self.plan.trie.node(elements)?.parent;
            if self.plan.trie.node(parent)?.elements == Some(elements) {
                return Some((parent, elements));
            }
            elements = (parent < elements).then_some(parent)?;
        }
    }

    fn column(&mut self, node: NodeId, elements: NodeId) -> Vec<Cow<'a, str>> {
        let findings = self.findings;
        let mut columns = findings.columns.iter().filter(|column| column.node == node).peekable();
        let rows = findings.rows.iter().filter(|(owner, _)| *owner == elements);
        rows.map(|&(_, row)| {
            let column = columns.next_if(|column| column.row == row);
            column.and_then(|column| self.element(column)).unwrap_or_else(|| {
                let pointer = self.pointer(elements, row);
                self.report(QuirkSeen { quirk: Quirk::OddTag, pointer });
                Cow::default()
            })
        })
        .collect()
    }

    /// The text of one element; `None` when it is null.
    fn element(&mut self, column: &Column) -> Option<Cow<'a, str>> {
        let value = column.found.value;
        let pointer = |this: &Self| this.pointer(column.node, column.row);
        match convert::read(Leaf::of(&column.found, self.text), Kind::Texts, self.plan.unit) {
            Reading::AsSent(value) => text(value),
            Reading::Coerced(value) => {
                let pointer = pointer(self);
                self.report(QuirkSeen { quirk: Quirk::Coerced, pointer });
                text(value)
            }
            Reading::Nothing { .. } => None,
            Reading::Unreadable => {
                let pointer = pointer(self);
                self.leftovers.push(Leftover {
                    pointer,
                    value,
                    quirk: Some(Quirk::UnreadableValue),
                    kept: true,
                });
                Some(Cow::default())
            }
        }
    }
}

fn text(value: Value<'_>) -> Option<Cow<'_, str>> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}
