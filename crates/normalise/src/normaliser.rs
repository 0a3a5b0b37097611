use std::{borrow::Cow, sync::Arc};

use crate::{
    dead_letter::{DeadLetter, Reason},
    event::{Event, Outcome},
    json::{
        Fingerprint,
        fingerprint::of_event,
        repair::{Repaired, repair},
    },
    meta::Meta,
    plan::Plan,
    project::{
        Projection,
        convert::Leaf,
        resolve::{Resolved, resolve},
    },
    walk::{MAX_DEPTH, Walk, WalkError},
};

/// Turns bodies into records, one after the other. It keeps buffers between bodies, and nothing else.
pub struct Normaliser {
    plan: Arc<Plan>,
    walk: Walk,
    scratch: Vec<u8>,
}

impl Normaliser {
    /// A normaliser that follows this plan.
    #[must_use]
    pub fn new(plan: Arc<Plan>) -> Self {
        Self { plan, walk: Walk::default(), scratch: Vec::new() }
    }

    /// Turns one body, as received, into a record or a dead letter. The same body and meta give the same outcome, always.
    pub fn normalise(&mut self, body: &[u8], meta: &Meta<'_>) -> Outcome {
        self.event(body, meta, true).map_or_else(Outcome::DeadLetter, Outcome::Event)
    }

    /// Does the same without the event's fingerprint and quirks, at less cost: for a body that was judged before.
    pub fn normalise_again(&mut self, body: &[u8], meta: &Meta<'_>) -> Outcome {
        self.event(body, meta, false).map_or_else(Outcome::DeadLetter, Outcome::Event)
    }

    /// The fingerprint of the event that [`Normaliser::normalise`] makes of this body, at a part of its cost; `None` where it
    /// has none or is a dead letter.
    pub fn fingerprint(&mut self, body: &[u8], endpoint: &str) -> Option<Fingerprint> {
        let (repaired, content) = self.read(body, true).ok()?;
        let resolved = resolve(repaired.text.as_ref(), &self.walk.findings, &self.plan).ok()?;
        fingerprint(&self.plan, endpoint, &resolved, content, &mut self.scratch)
    }

    fn event(&mut self, body: &[u8], meta: &Meta<'_>, judge: bool) -> Result<Event, DeadLetter> {
        let (repaired, content) = self.read(body, judge)?;
        let text = repaired.text.as_ref();
        // Moved, for there may be many; the room for them stays.
        let leftovers = self.walk.findings.leftovers.drain(..).flatten().collect();
        let resolved = resolve(text, &self.walk.findings, &self.plan)?;
        let fingerprint = if judge {
            fingerprint(&self.plan, meta.endpoint, &resolved, content, &mut self.scratch)
        } else {
            None
        };
        let repairs = judge.then_some(repaired.quirks);
        let projection = Projection::new(&self.plan, text, &self.walk.findings, leftovers, repairs);
        Ok(projection.event(&resolved, meta, fingerprint, &mut self.scratch))
    }

    /// Walks over the body: its text and the hash of its content.
    ///
    /// Nearly every body is JSON as it stands. What the walk can't read is looked at again, slowly: it may be repaired,
    /// and it must be JSON to its end before it can be too deep.
    fn read<'a>(&mut self, body: &'a [u8], hashes: bool) -> Result<(Repaired<'a>, u64), DeadLetter> {
        if let Ok(text) = str::from_utf8(body)
            && let Ok(content) = self.walk.over(text, &self.plan, hashes)
        {
            return Ok((Repaired { text: Cow::Borrowed(text), quirks: Vec::new() }, content));
        }
        let repaired = repair(body)?;
        match self.walk.over(&repaired.text, &self.plan, hashes) {
            Ok(content) => Ok((repaired, content)),
            Err(WalkError::TooDeep(at)) => Err(self.too_deep(&repaired.text, at)),
            Err(WalkError::NotJson) => {
                Err(DeadLetter::new(Reason::InvalidJson, "the body is not JSON".to_owned()))
            }
        }
    }

    fn too_deep(&self, text: &str, at: usize) -> DeadLetter {
        let before = text.get(..at).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.len() - before.rfind('\n').map_or(0, |newline| newline + 1) + 1;
        let name = |node| match Leaf::of(self.walk.findings.found(node)?, text) {
            Leaf::Text(text) if !text.is_empty() => Some(text.into_owned()),
            _ => None,
        };
        DeadLetter {
            reason: Reason::TooDeep,
            message: format!("the body nests deeper than {MAX_DEPTH} levels at line {line} column {column}"),
            event_id: name(self.plan.envelope.id),
            event_type: name(self.plan.envelope.kind),
        }
    }
}

fn fingerprint(
    plan: &Plan,
    endpoint: &str,
    resolved: &Resolved<'_>,
    content: u64,
    scratch: &mut Vec<u8>,
) -> Option<Fingerprint> {
    (resolved.record != plan.special.test)
        .then(|| of_event(endpoint, &resolved.event_type, &resolved.event_id, content, scratch))
}
