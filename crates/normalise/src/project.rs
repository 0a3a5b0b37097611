//! From what a body has to the fields of its record.

pub(crate) mod convert;
mod derive;
mod extra_fields;
pub(crate) mod resolve;
mod text_lists;
mod unread_fields;

use std::sync::Arc;

use crate::{
    avro::{Value, encode::encode},
    event::{Event, identity::EventIdentity},
    json::{Fingerprint, span::Span},
    meta::Meta,
    plan::{Field, Plan, kind::Kind, record::Origin, trie::NodeId},
    project::{
        convert::{Leaf, Reading},
        extra_fields::{extra_fields, is_once_a_place},
        resolve::Resolved,
    },
    quirk::{Quirk, QuirkSeen},
    walk::findings::{Findings, Form, Found, Leftover},
};

/// One event on its way from findings to a datum.
pub(crate) struct Projection<'a> {
    plan: &'a Plan,
    text: &'a str,
    findings: &'a Findings,
    /// The fields of the event's record type.
    fields: &'a [Field],
    /// The oddities met so far; `None` when nobody wants to know.
    quirks: Option<Vec<QuirkSeen>>,
    leftovers: Vec<Leftover>,
    /// The values of the fields so far.
    row: Vec<Value<'a>>,
}

impl<'a> Projection<'a> {
    pub(crate) fn new(
        plan: &'a Plan,
        text: &'a str,
        findings: &'a Findings,
        leftovers: Vec<Leftover>,
        repairs: Option<Vec<Quirk>>,
    ) -> Self {
        let of_all = |quirk| QuirkSeen { quirk, pointer: String::new() };
        let quirks = repairs.map(|repairs| repairs.into_iter().map(of_all).collect());
        Self { plan, text, findings, fields: &[], quirks, leftovers, row: Vec::new() }
    }

    /// The event; its datum is made in `datum`, and copied from there at its length.
    pub(crate) fn event(
        mut self,
        resolved: &Resolved<'a>,
        meta: &'a Meta<'a>,
        fingerprint: Option<Fingerprint>,
        datum: &mut Vec<u8>,
    ) -> Event {
        self.type_oddities(resolved);
        let record = self.plan.records.get(resolved.record);
        if let Some(record) = record {
            self.fields = &record.fields;
            self.rest(record);
        }
        self.row.reserve(self.fields.len());
        for field in self.fields {
            let value = self.value(field, resolved, meta);
            self.row.push(value);
        }
        self.fill_extra_fields();
        datum.clear();
        for (value, field) in self.row.iter().zip(self.fields) {
            encode(value, field, datum);
        }
        let text = |index: &usize| self.row.get(*index).and_then(Value::as_text);
        let key_fields = record.map(|record| record.key_fields.as_slice()).unwrap_or_default();
        let key = key_fields.iter().filter_map(text).find(|key| !key.is_empty());
        let key = key.unwrap_or(&resolved.event_id);
        Event {
            record: resolved.record,
            identity: EventIdentity::new(&resolved.event_id, &resolved.event_type, key),
            fingerprint,
            quirks: self.quirks.unwrap_or_default(),
            fields: record.map(|record| Arc::clone(&record.fields)).unwrap_or_default(),
            unit: self.plan.unit,
            datum: datum.as_slice().into(),
        }
    }

    fn value(&mut self, field: &Field, resolved: &Resolved<'a>, meta: &'a Meta<'a>) -> Value<'a> {
        match &field.origin {
            Origin::Meta(meta_field) => self.plan.meta_value(*meta_field, meta),
            Origin::EventType => Value::Text(resolved.event_type.clone()),
            Origin::DeadLetterField(_) | Origin::ExtraFields => Value::Null,
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
    fn read_first(&mut self, from: &[NodeId], kind: Kind) -> Option<Value<'a>> {
        let mut rest = from.iter();
        while let Some(&node) = rest.next() {
            let Some(found) = self.present(node) else { continue };
            if self.is_other_name(node, from) {
                self.see(Quirk::Alias, node);
            }
            let value = match convert::read(Leaf::of(found, self.text), kind, self.plan.unit) {
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
            self.leave_others(found, rest.as_slice(), from);
            return Some(value);
        }
        None
    }

    /// Leaves over what the paths behind the first that has a value say otherwise.
    fn leave_others(&mut self, best: &Found, others: &[NodeId], from: &[NodeId]) {
        for &node in others {
            let Some(found) = self.present(node) else { continue };
            if self.is_other_name(node, from) {
                self.see(Quirk::Alias, node);
            }
            let leaf = Leaf::of(found, self.text);
            if leaf != Leaf::of(best, self.text) || leaf == Leaf::Nested {
                self.leave(node, found.value, None);
            }
        }
    }

    fn raw_json(&mut self, from: &[NodeId]) -> Value<'a> {
        for &node in from {
            if let Some(found) = self.findings.found(node).filter(|found| found.form != Form::Null) {
                let pointer = self.pointer(node, 0);
                self.leftovers.push(Leftover { pointer, value: found.value, quirk: None, kept: false });
                return Value::Text(found.value.of(self.text).into());
            }
        }
        Value::Null
    }

    fn type_oddities(&mut self, resolved: &Resolved<'_>) {
        let kind = self.plan.envelope.kind;
        for quirk in &resolved.quirks {
            self.see(*quirk, kind);
        }
        if let Some(original) = resolved.original {
            self.leave(kind, original, None);
        }
        let is_other_type = |found: &Found| matches!(found.form, Form::Number | Form::True | Form::False);
        if self.findings.found(kind).is_some_and(is_other_type) {
            self.see(Quirk::Coerced, kind);
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
        if let Some(value) = index.and_then(|index| self.row.get_mut(index)) {
            *value = extra;
        }
    }

    /// Returns whether the path's last key is not the first path's: a second name, not only a second place.
    fn is_other_name(&self, node: NodeId, from: &[NodeId]) -> bool {
        let name = |node| self.plan.trie.node(node).map(|node| node.folded.as_str());
        from.first().is_some_and(|first| *first != node && name(*first) != name(node))
    }

    /// The value at a node, unless it is null.
    fn present(&self, node: NodeId) -> Option<&'a Found> {
        self.findings.found(node).filter(|found| found.form != Form::Null)
    }

    fn has_value(&self, node: NodeId) -> bool {
        self.present(node).is_some()
    }

    fn pointer(&self, node: NodeId, row: usize) -> String {
        self.findings.pointer(node, row, &self.plan.trie, self.text)
    }

    fn leave(&mut self, node: NodeId, value: Span, quirk: Option<Quirk>) {
        let pointer = self.pointer(node, 0);
        self.leftovers.push(Leftover { pointer, value, quirk, kept: true });
    }

    fn see(&mut self, quirk: Quirk, node: NodeId) {
        if self.quirks.is_some() {
            let pointer = self.pointer(node, 0);
            self.report(QuirkSeen { quirk, pointer });
        }
    }

    fn report(&mut self, seen: QuirkSeen) {
        if let Some(quirks) = &mut self.quirks
            && quirks.len() < Event::MAX_QUIRKS
            && !(is_once_a_place(seen.quirk) && quirks.contains(&seen))
        {
            quirks.push(seen);
        }
    }
}
