use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::{
    compose::{Composed, Composer, Fate},
    event::Event,
    subscription::Known,
};

/// A request, and what is known once it is answered.
#[derive(Debug, Clone, Default)]
pub(crate) struct Request {
    /// The id of its first event.
    pub(crate) id: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// The event of each object, by the body's lists.
    pub(crate) lists: BTreeMap<String, Vec<u64>>,
    /// The events that are done with when it is answered.
    pub(crate) parts: Vec<Part>,
    /// The knowledge then, by subscription.
    pub(crate) known: BTreeMap<String, Known>,
    /// True where the request has no object, so that it is answered without being sent.
    pub(crate) is_empty: bool,
}

/// An event of a request.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) position: u64,
    pub(crate) id: String,
    pub(crate) record: String,
    pub(crate) subscription: Option<String>,
    pub(crate) fate: Fate,
    /// A hash of the event's object.
    pub(crate) hash: u64,
}

/// A request that is being put together.
pub(super) struct Draft<'a> {
    composer: &'a Composer,
    parts: Vec<Part>,
    first: Option<&'a Event>,
    objects: Vec<(u64, Value)>,
    changes: BTreeMap<String, Change<'a>>,
    bytes: usize,
    /// Most events, after the destination refused more together.
    most: usize,
}

/// The change of a subscription.
struct Change<'a> {
    before: Known,
    after: Known,
    /// The newest event that changes the state at the destination.
    newest: Option<&'a Event>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(composer: &'a Composer) -> Self {
        let (parts, objects, changes) = (Vec::new(), Vec::new(), BTreeMap::new());
        Self { composer, parts, first: None, objects, changes, bytes: 0, most: usize::MAX }
    }

    /// Tells whether an event fits in beside those that are there. `most` bounds the events of the request.
    pub(super) fn has_room(&self, composed: &Composed, bytes: usize, most: usize) -> bool {
        if self.objects.is_empty() && self.changes.values().all(|change| change.newest.is_none()) {
            return true;
        }
        let limits = &self.composer.preset.limits;
        let states = self.changes.values().filter(|change| change.newest.is_some()).count();
        let more = usize::from(composed.object.is_some()) + 2 * usize::from(composed.has_state);
        self.objects.len() + 2 * states + more <= limits.objects
            && self.bytes + bytes <= limits.bytes
            && self.parts.len() < most.min(self.most)
    }

    /// Puts an event in.
    pub(super) fn add(
        &mut self,
        event: &'a Event,
        before: Known,
        composed: Composed,
        bytes: usize,
        most: usize,
    ) {
        let Composed { fate, object, has_state, known, .. } = composed;
        let hash =
            object.as_ref().map_or(0, |object| xxhash_rust::xxh3::xxh3_64(object.to_string().as_bytes()));
        self.parts.push(Part {
            position: event.position,
            id: event.id(),
            record: event.record.clone(),
            subscription: event.subscription.clone(),
            fate,
            hash,
        });
        if object.is_some() || has_state {
            self.first.get_or_insert(event);
            self.most = self.most.min(most);
            self.bytes += bytes;
        }
        self.objects.extend(object.map(|object| (event.position, object)));
        if let Some(id) = &event.subscription {
            let change = self.changes.entry(id.clone()).or_insert_with(|| Change {
                before,
                after: Known::default(),
                newest: None,
            });
            change.after = known;
            change.newest = if has_state { Some(event) } else { change.newest };
        }
    }

    /// The request; `None` when there is nothing to send.
    pub(super) fn finish(self) -> Option<Request> {
        let first = self.first?;
        let preset = self.composer.preset;
        let mut lists: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        let mut objects: Map<String, Value> = Map::new();
        let mut single = None;
        let mut put = |list: Option<&String>, position: u64, object: Value| match list {
            None => single = Some(object),
            Some(list) => {
                lists.entry(list.clone()).or_default().push(position);
                let entry = objects.entry(list.clone()).or_insert_with(|| Value::Array(Vec::new()));
                if let Value::Array(items) = entry {
                    items.push(object);
                }
            }
        };
        for change in self.changes.values() {
            let (Some(event), Some(part)) = (change.newest, &preset.state) else { continue };
            for object in self.composer.state_objects(event, &change.before, &change.after) {
                put(Some(&part.into), event.position, object);
            }
        }
        for (position, object) in self.objects {
            put(preset.event.into.as_ref(), position, object);
        }
        let is_empty = single.is_none() && objects.is_empty();
        let body = single.unwrap_or_else(|| {
            let mut body = preset.body.clone().unwrap_or_default();
            if let Value::Object(entries) = &mut body {
                entries.extend(objects);
            }
            body
        });
        let values = self.composer.values(first, "", None, &Value::Null, None);
        let header = |(name, template): (&String, &Value)| {
            values.fill(template).as_str().map(|value| (name.clone(), value.to_owned()))
        };
        Some(Request {
            id: first.id(),
            headers: preset.headers.iter().filter_map(header).collect(),
            body: body.to_string().into_bytes(),
            lists,
            parts: self.parts,
            known: self.changes.into_iter().map(|(id, change)| (id, change.after)).collect(),
            is_empty,
        })
    }
}
