//! From what a body has to the fields of its record.

use crate::{
    Event, Field, Fingerprint, Meta, Plan, Quirk, QuirkSeen, Value,
    convert::{self, Leaf, Reading},
    extra::{extra_fields, is_once_a_place},
    harvest::{Harvest, Leftover, Span},
    kind::Kind,
    record::Origin,
    resolve::Resolved,
    row::Cell,
    trie::NodeId,
};

mod derive;
mod rest;
mod texts;

/// One event on its way from a harvest to a row.
pub(crate) struct Projection<'a> {
    plan: &'a Plan,
    text: &'a str,
    harvest: &'a Harvest,
    /// The fields of the event's record type.
    fields: &'a [Field],
    quirks: Vec<QuirkSeen>,
    leftovers: Vec<Leftover>,
    row: Vec<Cell>,
}

impl<'a> Projection<'a> {
    pub(crate) fn new(
        plan: &'a Plan,
        text: &'a str,
        harvest: &'a Harvest,
        leftovers: Vec<Leftover>,
        repairs: Vec<Quirk>,
    ) -> Self {
        let quirks = repairs.into_iter().map(|quirk| QuirkSeen { quirk, pointer: String::new() }).collect();
        Self { plan, text, harvest, fields: &[], quirks, leftovers, row: Vec::new() }
    }

    pub(crate) fn event(
        mut self,
        resolved: Resolved,
        meta: &Meta<'_>,
        fingerprint: Option<Fingerprint>,
    ) -> Event {
        let plan = self.plan;
        self.type_oddities(&resolved);
        if let Some(record) = plan.records.get(resolved.record) {
            self.fields = &record.fields;
            self.rest(record);
        }
        self.row.reserve(self.fields.len());
        for field in self.fields {
            let value = self.value(field, &resolved, meta);
            self.row.push(Cell { value, nullable: field.nullable });
        }
        self.fill_extra_fields();
        let key_fields = plan.records.get(resolved.record).map(|record| record.key_fields.as_slice());
        let key_fields = key_fields.unwrap_or_default();
        let text = |index: &usize| self.row.get(*index).and_then(|cell| cell.value.as_text());
        let key =
            key_fields.iter().filter_map(text).find(|key| !key.is_empty()).unwrap_or(&resolved.event_id);
        Event {
            record: resolved.record,
            key: key.to_owned(),
            event_id: resolved.event_id,
            event_type: resolved.event_type,
            fingerprint,
            quirks: self.quirks,
            row: self.row,
        }
    }

    fn value(&mut self, field: &Field, resolved: &Resolved, meta: &Meta<'_>) -> Value {
        match &field.origin {
            Origin::Meta(meta_field) => self.plan.meta_value(*meta_field, meta),
            Origin::EventType => Value::Text(resolved.event_type.as_str().into()),
            Origin::Letter(_) | Origin::ExtraFields => Value::Null,
            Origin::RawJson(from) => self.raw_json(from),
            Origin::Body { from, .. } if field.kind == Kind::Texts => self.texts(from),
            Origin::Body { from, derive } => match (self.read_first(from, field.kind), derive) {
                (Some(value), _) => value,
                (None, Some(derive)) => self.derive(*derive),
                (None, None) => Value::Null,
            },
        }
    }

    /// The first of these paths that has a value, read; `None` when none has. One that can't be read is null.
    fn read_first(&mut self, from: &[NodeId], kind: Kind) -> Option<Value> {
        let mut winner: Option<(Leaf<'a>, Value)> = None;
        for &node in from {
            let Some(found) = self.harvest.found(node) else { continue };
            let leaf = Leaf::of(found.value.of(self.text));
            if leaf == Leaf::Null {
                continue;
            }
            if self.is_other_name(node, from) {
                self.see(Quirk::Alias, node);
            }
            if let Some((best, _)) = &winner {
                if *best != leaf || leaf == Leaf::Nested {
                    self.leave(node, found.value, None);
                }
                continue;
            }
            let value = match convert::read(&leaf, kind, self.plan.unit) {
                Reading::AsSent(value) => value,
                Reading::Coerced(value) => {
                    self.see(Quirk::Coerced, node);
                    value
                }
                Reading::Nothing { coerced } => {
                    if coerced {
                        self.see(Quirk::Coerced, node);
                    }
                    continue;
                }
                Reading::Unreadable => {
                    self.leave(node, found.value, Some(Quirk::UnreadableValue));
                    Value::Null
                }
            };
            winner = Some((leaf, value));
        }
        winner.map(|(_, value)| value)
    }

    fn raw_json(&mut self, from: &[NodeId]) -> Value {
        for &node in from {
            if let Some(found) = self.harvest.found(node) {
                let raw = found.value.of(self.text);
                if raw != "null" {
                    let pointer = self.pointer(node, 0);
                    self.leftovers.push(Leftover { pointer, value: found.value, quirk: None, kept: false });
                    return Value::Text(raw.into());
                }
            }
        }
        Value::Null
    }

    fn type_oddities(&mut self, resolved: &Resolved) {
        for quirk in &resolved.quirks {
            self.see(*quirk, self.plan.envelope.kind);
        }
        if let Some(original) = resolved.original {
            self.leave(self.plan.envelope.kind, original, None);
        }
        if self
            .harvest
            .found(self.plan.envelope.kind)
            .is_some_and(|found| matches!(Leaf::of(found.value.of(self.text)), Leaf::Number(_)))
        {
            self.see(Quirk::Coerced, self.plan.envelope.kind);
        }
    }

    fn fill_extra_fields(&mut self) {
        let leftovers = std::mem::take(&mut self.leftovers);
        let mut seen = Vec::new();
        let extra = extra_fields(leftovers, self.text, |quirk| seen.push(quirk));
        for quirk in seen {
            self.report(quirk);
        }
        let index = self.fields.iter().position(|field| matches!(field.origin, Origin::ExtraFields));
        if let Some(cell) = index.and_then(|index| self.row.get_mut(index)) {
            cell.value = extra;
        }
    }

    /// Whether the path's last key is not the first path's: a second name, not only a second place.
    fn is_other_name(&self, node: NodeId, from: &[NodeId]) -> bool {
        let name = |node| self.plan.trie.node(node).map(|node| node.folded.as_str());
        from.first().is_some_and(|first| name(*first) != name(node))
    }

    fn has_value(&self, node: NodeId) -> bool {
        self.harvest.found(node).is_some_and(|found| found.value.of(self.text) != "null")
    }

    fn pointer(&self, node: NodeId, row: usize) -> String {
        self.harvest.pointer(node, row, &self.plan.trie, self.text)
    }

    fn leave(&mut self, node: NodeId, value: Span, quirk: Option<Quirk>) {
        let pointer = self.pointer(node, 0);
        self.leftovers.push(Leftover { pointer, value, quirk, kept: true });
    }

    fn see(&mut self, quirk: Quirk, node: NodeId) {
        let pointer = self.pointer(node, 0);
        self.report(QuirkSeen { quirk, pointer });
    }

    fn report(&mut self, seen: QuirkSeen) {
        if self.quirks.len() < Event::MOST_QUIRKS
            && !(is_once_a_place(seen.quirk) && self.quirks.contains(&seen))
        {
            self.quirks.push(seen);
        }
    }
}
