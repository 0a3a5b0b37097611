//! The object that an event becomes at the destination. Pure: no I/O, no clock.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::{Map, Value};

use crate::{
    event::Event,
    identity::Identity,
    kind::{HttpSettings, Mapped, NoIdentity},
    map,
    preset::{ListEntry, Preset, StatePart},
    subscription::{Known, Lists},
    template::Values,
};

/// Record types that are sent only when the configuration names them.
const ONLY_NAMED: [&str; 3] = ["Test", "UnknownEvent", "DeadLetter"];

/// Digits of a subscription's id that its values in a list end in.
const SUFFIX: usize = 12;

/// The fate of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fate {
    /// The event is sent.
    Sent,
    /// The event is not sent, but the state of its subscription is.
    StateOnly,
    /// The event's type is sent only when the configuration names it.
    NotNamed,
    /// The event is about nobody known, and passed over.
    NoIdentity,
    /// The event's subscription had ended before.
    Superseded,
    /// The event is too old to trigger anything, and changes no state.
    Stale,
}

impl Fate {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::StateOnly => "state-only",
            Self::NotNamed => "not-named",
            Self::NoIdentity => "no-identity",
            Self::Superseded => "superseded",
            Self::Stale => "stale",
        }
    }
}

/// The result of composing an event.
#[derive(Debug, Clone)]
pub(crate) struct Composed {
    pub(crate) fate: Fate,
    /// Reason and message of the dead letter, where the event can't be sent.
    pub(crate) refused: Option<(&'static str, String)>,
    /// The object of the event.
    pub(crate) object: Option<Value>,
    /// True where the state of the subscription is written.
    pub(crate) has_state: bool,
    /// The knowledge of the subscription once the event is answered.
    pub(crate) known: Known,
}

/// The rules by which events become requests.
pub(crate) struct Composer {
    pub(crate) preset: &'static Preset,
    names: BTreeMap<String, String>,
    map: Option<BTreeMap<String, Mapped>>,
    identify: Vec<String>,
    no_identity: NoIdentity,
    stale_after: Option<Duration>,
    /// True where state is written at all: not in a replay, whose events are not the newest.
    writes_state: bool,
}

impl Composer {
    pub(crate) fn new(preset: &'static Preset, settings: &HttpSettings, writes_state: bool) -> Self {
        Self {
            preset,
            names: settings.events.clone(),
            map: map::merge(preset.map.as_ref(), settings.map.as_ref()),
            identify: settings.identify.clone(),
            no_identity: settings.no_identity,
            stale_after: settings.stale_after.0,
            writes_state,
        }
    }

    /// The name of a record type's events at the destination; `None` when they are not sent.
    pub(crate) fn name(&self, record: &str) -> Option<String> {
        let named = self.names.get(record).cloned();
        named.or_else(|| (!ONLY_NAMED.contains(&record)).then(|| self.preset.event_name(record)))
    }

    /// Composes an event, given what is known of its subscription; `now` is in microseconds since the Unix epoch.
    pub(crate) fn compose(&self, event: &Event, before: &Known, now: i64) -> Composed {
        let mut known = before.clone();
        let is_superseded = before.supersedes(event);
        known.learn(event, &self.identify);
        let left = |fate: Fate, known: Known| Composed {
            fate,
            refused: None,
            object: None,
            has_state: false,
            known,
        };
        let Some(name) = self.name(&event.record) else { return left(Fate::NotNamed, known) };
        if is_superseded {
            return left(Fate::Superseded, known);
        }
        if self.preset.identity.needed && known.identity.is_none() {
            let mut composed = left(Fate::NoIdentity, known);
            composed.refused = (self.no_identity == NoIdentity::DeadLetter).then(|| {
                let message = format!(
                    "nothing says who this event is about: none of {} is in it or was in an earlier one of its subscription",
                    self.identify.join(", ")
                );
                ("no-identity", message)
            });
            return composed;
        }
        let has_state = self.changes_state(event, &known);
        if let Some(lists) = self.lists(event).filter(|_| has_state) {
            known.lists = lists;
        }
        let object = (!self.is_stale(event, now)).then(|| self.object(event, &name, known.identity.as_ref()));
        let fate = match (&object, has_state) {
            (Some(_), _) => Fate::Sent,
            (None, true) => Fate::StateOnly,
            (None, false) => Fate::Stale,
        };
        Composed { fate, refused: None, object, has_state, known }
    }

    fn is_stale(&self, event: &Event, now: i64) -> bool {
        let age = u64::try_from(now.saturating_sub(event.received_at)).unwrap_or_default();
        self.stale_after.is_some_and(|limit| Duration::from_micros(age) > limit)
    }

    fn object(&self, event: &Event, name: &str, identity: Option<&Identity>) -> Value {
        let record = map::record(self.map.as_ref(), event, name);
        self.values(event, name, identity, &record, None).fill(&self.preset.event.object)
    }

    pub(crate) fn values<'a>(
        &'a self,
        event: &'a Event,
        name: &'a str,
        identity: Option<&'a Identity>,
        record: &'a Value,
        lists: Option<&'a Map<String, Value>>,
    ) -> Values<'a> {
        let named = identity.map(|identity| (identity, self.identity_name(identity)));
        Values { event, name, identity: named, record, lists }
    }

    /// The destination's word for what an identity is.
    fn identity_name(&self, identity: &Identity) -> &'static str {
        let rule = &self.preset.identity;
        rule.names.get(&identity.field).or(rule.other.as_ref()).map_or("", String::as_str)
    }

    /// Tells whether the event changes the state at the destination.
    fn changes_state(&self, event: &Event, known: &Known) -> bool {
        let Some(part) = self.preset.state.as_ref().filter(|_| self.writes_state) else { return false };
        let has = |field: &String| event.fields.get(field).is_some_and(|value| !value.is_null());
        // An Unsubscribe that is older than the newest Subscribe ends nothing, and an update brings nothing back.
        let is_newest = event.record == "Subscribe" || (event.record == "Unsubscribe") == known.is_removed();
        part.of.contains(&event.record)
            && event.subscription.is_some()
            && part.needs.as_ref().is_none_or(has)
            && is_newest
    }

    /// The values that the event's subscription has in lists from then on; `None` where the destination has no lists.
    fn lists(&self, event: &Event) -> Option<Lists> {
        let part = self.preset.state.as_ref().filter(|part| !part.lists.is_empty())?;
        Some(if event.record == "Unsubscribe" { Lists::new() } else { lists(part, event) })
    }

    /// The objects that bring the state at the destination from `before` to `after`.
    pub(crate) fn state_objects(&self, event: &Event, before: &Known, after: &Known) -> Vec<Value> {
        let Some(part) = &self.preset.state else { return Vec::new() };
        let fill = |identity: Option<&Identity>, lists: Option<&Map<String, Value>>| {
            self.values(event, "", identity, &Value::Null, lists).fill(&part.object)
        };
        if part.lists.is_empty() {
            return vec![fill(after.identity.as_ref(), None)];
        }
        let is_same = before.identity == after.identity;
        let kept = if is_same { after.lists.clone() } else { Lists::new() };
        let had = if is_same { before.lists.clone() } else { Lists::new() };
        let taken_back = changes("remove", &before.lists, &kept);
        let added = changes("add", &after.lists, &had);
        let mut objects = Vec::new();
        if !taken_back.is_empty() {
            objects.push(fill(before.identity.as_ref(), Some(&taken_back)));
        }
        if !added.is_empty() {
            objects.push(fill(after.identity.as_ref(), Some(&added)));
        }
        objects
    }
}

/// Changes of lists: the values of `all` that are not in `but`.
fn changes(word: &str, all: &Lists, but: &Lists) -> Map<String, Value> {
    let none = BTreeSet::new();
    let each = all.iter().filter_map(|(list, values)| {
        let rest: Vec<&String> = values.difference(but.get(list).unwrap_or(&none)).collect();
        (!rest.is_empty()).then(|| (list.clone(), serde_json::json!({ word: rest })))
    });
    each.collect()
}

/// The values that an event's subscription has in each list.
fn lists(part: &StatePart, event: &Event) -> Lists {
    let suffix = event.subscription.as_deref().map(suffix).unwrap_or_default();
    let each = part.lists.iter().map(|(list, entry)| (list.clone(), values(entry, event, &suffix)));
    each.filter(|(_, values)| !values.is_empty()).collect()
}

fn values(entry: &ListEntry, event: &Event, suffix: &str) -> BTreeSet<String> {
    let texts = match event.fields.get(&entry.field) {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Bool(_) | Value::Number(_)) => {
            event.fields.get(&entry.field).map(Value::to_string).into_iter().collect()
        }
        _ => Vec::new(),
    };
    let ended = |text: String| if entry.plain { text } else { format!("{text}/{suffix}") };
    texts.into_iter().filter(|text| !text.is_empty()).map(ended).collect()
}

/// The last digits of a subscription's id.
fn suffix(id: &str) -> String {
    let digits: Vec<char> = id.chars().filter(|c| *c != '-').collect();
    let skipped = digits.len().saturating_sub(SUFFIX);
    digits.into_iter().skip(skipped).collect()
}
