use std::collections::{BTreeMap, BTreeSet};

use super::{Part, Request, request::Draft};
use crate::{
    compose::{Composed, Composer, Fate},
    event::Event,
    store::{Memory, MemoryError},
    subscription::Known,
};

/// Bytes around an object in a body, and of a state that is not measured.
const AROUND: usize = 64;

/// The requests that go out at once.
#[derive(Default)]
pub(crate) struct Wave {
    pub(crate) requests: Vec<Request>,
    /// Events of which nothing is sent.
    pub(crate) left: Vec<Part>,
    /// The first event that can't be sent: its position, the dead letter's reason and message.
    pub(crate) refused: Option<(u64, &'static str, String)>,
}

/// Puts requests together.
pub(crate) struct Pack<'a> {
    pub(crate) composer: &'a Composer,
    /// Most requests.
    pub(crate) most: usize,
    /// Most events of a request that has the event at a position, after the destination refused more together.
    pub(crate) halves: &'a BTreeMap<u64, usize>,
    /// The time of now, in microseconds since the Unix epoch.
    pub(crate) now: i64,
}

impl Pack<'_> {
    /// The requests that go out next, of events in journal order that are not done with. What is learned from events of which
    /// nothing is sent is told to `memory`.
    ///
    /// An event whose key is in another request waits for the next wave, and so do all behind it that have its key.
    pub(crate) fn wave(&self, events: &[&Event], memory: &mut Memory) -> Result<Wave, MemoryError> {
        let mut wave = Wave::default();
        let mut draft = Draft::new(self.composer);
        // Keys of the draft, and of requests before it.
        let (mut here, mut elsewhere): (BTreeSet<&str>, BTreeSet<&str>) = Default::default();
        let mut known_here: BTreeMap<&str, Known> = BTreeMap::new();
        for event in events {
            if elsewhere.contains(event.key.as_str()) {
                continue;
            }
            let before = match event.subscription.as_deref() {
                None => Known::default(),
                Some(id) => match known_here.get(id) {
                    Some(known) => known.clone(),
                    None => memory.get(id)?,
                },
            };
            let before = if event.is_forgotten { before.without_person() } else { before };
            let composed = self.composer.compose(event, &before, self.now);
            let bytes = bytes(&composed);
            if let Some((reason, message)) = self.refusal(event, &composed, bytes) {
                // A removal counts, whether it can be sent or not.
                if let (false, Some(id)) = (here.contains(event.key.as_str()), &event.subscription) {
                    memory.learn(id.clone(), Known { lists: before.lists, ..composed.known });
                }
                wave.refused.get_or_insert((event.position, reason, message));
                continue;
            }
            let is_silent = composed.object.is_none() && !composed.has_state;
            if is_silent && !here.contains(event.key.as_str()) {
                wave.left.push(part(event, composed.fate));
                if let Some(id) = &event.subscription {
                    memory.learn(id.clone(), composed.known);
                }
                continue;
            }
            let most = self.halves.get(&event.position).copied().unwrap_or(usize::MAX);
            if !is_silent && !draft.has_room(&composed, bytes, most) {
                if here.contains(event.key.as_str()) {
                    elsewhere.insert(&event.key);
                    continue;
                }
                let full = std::mem::replace(&mut draft, Draft::new(self.composer));
                wave.requests.extend(full.finish());
                elsewhere.append(&mut here);
                known_here.clear();
                if wave.requests.len() >= self.most {
                    return Ok(wave);
                }
            }
            if let Some(id) = event.subscription.as_deref() {
                known_here.insert(id, composed.known.clone());
            }
            here.insert(&event.key);
            draft.add(event, before, composed, bytes, most);
        }
        wave.requests.extend(draft.finish());
        Ok(wave)
    }

    fn refusal(&self, event: &Event, composed: &Composed, bytes: usize) -> Option<(&'static str, String)> {
        if let Some(refused) = &composed.refused {
            return Some(refused.clone());
        }
        let limits = &self.composer.preset.limits;
        let object = composed.object.as_ref().map_or(0, |object| object.to_string().len());
        let most = limits.object_bytes.unwrap_or(limits.bytes);
        if object <= most && bytes <= limits.bytes {
            return None;
        }
        let (is, may) = if object > most { (object, most) } else { (bytes, limits.bytes) };
        let message =
            format!("the {} has {is} bytes as a request, the destination takes {may}", event.record);
        Some(("too-large", message))
    }
}

/// About how many bytes an event adds to a request.
fn bytes(composed: &Composed) -> usize {
    let object = composed.object.as_ref().map_or(0, |object| object.to_string().len() + AROUND);
    let size = |(list, values): (&String, &BTreeSet<String>)| {
        values.iter().map(|value| 2 * (list.len() + value.len() + AROUND)).sum::<usize>()
    };
    let identity = composed.known.identity.as_ref().map_or(0, |identity| identity.value.len());
    let lists: usize = composed.known.lists.iter().map(size).sum();
    object + if composed.has_state { lists + 8 * AROUND + 2 * identity } else { 0 }
}

fn part(event: &Event, fate: Fate) -> Part {
    Part {
        position: event.position,
        id: event.id(),
        record: event.record.clone(),
        subscription: event.subscription.clone(),
        fate,
        hash: 0,
    }
}
