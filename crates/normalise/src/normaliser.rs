use std::sync::Arc;

use crate::{
    DeadLetter, Outcome, Plan, Reason,
    convert::Leaf,
    fingerprint::identity_hash,
    project::Projection,
    repair::repair,
    resolve::resolve,
    walk::{DEEPEST, TooDeep, Walk},
};

/// Where a body came from, and where it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meta<'a> {
    /// The endpoint's name in the configuration.
    pub endpoint: &'a str,
    /// When it was received, in microseconds since the Unix epoch.
    pub received_at: i64,
    /// The journal's identity: 32 hexadecimal digits.
    pub journal_id: &'a str,
    /// The journal's shard.
    pub shard: u32,
    /// Position in the shard.
    pub position: u64,
}

/// Turns bodies into records, one after the other. It keeps buffers between bodies, and nothing else.
pub struct Normaliser {
    plan: Arc<Plan>,
    walk: Walk,
}

impl Normaliser {
    /// A normaliser that follows this plan.
    #[must_use]
    pub fn new(plan: Arc<Plan>) -> Self {
        Self { plan, walk: Walk::default() }
    }

    /// Turns one body, as received, into a record or a dead letter. The same body and meta give the same outcome, always.
    pub fn normalise(&mut self, body: &[u8], meta: &Meta<'_>) -> Outcome {
        self.event(body, meta).map_or_else(Outcome::DeadLetter, Outcome::Event)
    }

    fn event(&mut self, body: &[u8], meta: &Meta<'_>) -> Result<crate::Event, DeadLetter> {
        let repaired = repair(body)?;
        let text = repaired.text.as_ref();
        let content = self.walk.over(text, &self.plan.trie).map_err(|at| self.too_deep(text, &at))?;
        let resolved = resolve(text, &self.walk.harvest, &self.plan)?;
        let fingerprint = (resolved.record != self.plan.special.test).then(|| crate::Fingerprint {
            id: identity_hash(meta.endpoint, &resolved.event_type, &resolved.event_id),
            content,
        });
        // Moved, for there may be many; the room for them stays.
        let leftovers = self.walk.harvest.leftovers.drain(..).flatten().collect();
        let projection = Projection::new(&self.plan, text, &self.walk.harvest, leftovers, repaired.quirks);
        Ok(projection.event(resolved, meta, fingerprint))
    }

    fn too_deep(&self, text: &str, TooDeep(at): &TooDeep) -> DeadLetter {
        let before = text.get(..*at).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.len() - before.rfind('\n').map_or(0, |newline| newline + 1) + 1;
        let name = |node| match Leaf::of(self.walk.harvest.found(node)?.value.of(text)) {
            Leaf::Text(text) if !text.is_empty() => Some(text.into_owned()),
            _ => None,
        };
        DeadLetter {
            reason: Reason::TooDeep,
            message: format!("the body nests deeper than {DEEPEST} levels at line {line} column {column}"),
            event_id: name(self.plan.envelope.id),
            event_type: name(self.plan.envelope.kind),
        }
    }
}
