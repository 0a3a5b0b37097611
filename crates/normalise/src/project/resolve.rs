//! Parts that every event has: its identifier, its type, its details.

use std::borrow::Cow;

use crate::{
    dead_letter::{DeadLetter, Reason},
    json::span::Span,
    plan::{
        Plan,
        trie::{NodeId, ROOT},
    },
    project::convert::Leaf,
    quirk::Quirk,
    walk::findings::{Findings, Form},
};

/// An event whose type is known.
pub(crate) struct Resolved<'a> {
    pub(crate) record: usize,
    pub(crate) event_id: Cow<'a, str>,
    /// The resolved type; of an unknown type: as sent.
    pub(crate) event_type: Cow<'a, str>,
    /// The oddities of the type's name.
    pub(crate) quirks: Vec<Quirk>,
    /// The type as it stands in the body, if it is not the one resolved.
    pub(crate) original: Option<Span>,
}

/// Finds out what a body is.
pub(crate) fn resolve<'a>(
    text: &'a str,
    findings: &'a Findings,
    plan: &'a Plan,
) -> Result<Resolved<'a>, DeadLetter> {
    let body = Body { text, findings };
    let event_id = body.name(plan.envelope.id);
    let event_type = body.name(plan.envelope.kind);
    let fail = |message: String| DeadLetter {
        reason: Reason::NotAnEvent,
        message,
        event_id: event_id.as_ref().ok().map(ToString::to_string),
        event_type: event_type.as_ref().ok().map(ToString::to_string),
    };
    body.check_root().map_err(fail)?;
    let missing = |name: &str, what: &&str| {
        fail(format!(
            "`{name}` {what}: every event has one, a text or a number; is this a body of webhook version 1?"
        ))
    };
    let id = event_id.as_ref().map_err(|what| missing("eventId", what))?;
    let sent = event_type.as_ref().map_err(|what| missing("eventType", what))?;
    let (mut record, mut quirks) = plan.by_type(sent);
    if let Some(rule) = reclassified(record, plan, &body) {
        record = rule;
        quirks.push(Quirk::Reclassified);
    }
    if record != plan.special.test {
        body.check_details(plan.envelope.details).map_err(fail)?;
    }
    let original = body.findings.found(plan.envelope.kind).map(|found| found.value);
    let name = plan.records.get(record).filter(|_| record != plan.special.unknown).map(|record| &record.name);
    Ok(Resolved {
        record,
        event_id: id.clone(),
        event_type: name.map_or_else(|| sent.clone(), |name| Cow::Borrowed(name.as_str())),
        original: original.filter(|_| !quirks.is_empty()),
        quirks,
    })
}

fn reclassified(record: usize, plan: &Plan, body: &Body<'_>) -> Option<usize> {
    let rules = &plan.records.get(record)?.reclassify;
    rules
        .iter()
        .find(|rule| rule.when_absent.iter().all(|node| body.form(*node) == Form::Null))
        .map(|rule| rule.to)
}

impl Plan {
    /// The record type of an event type's name, and what is odd about the name.
    fn by_type(&self, sent: &str) -> (usize, Vec<Quirk>) {
        for (index, record) in self.records.iter().enumerate() {
            if let Some(rank) = record.types.iter().position(|name| name.eq_ignore_ascii_case(sent)) {
                let alias = (rank > 0).then_some(Quirk::Alias);
                let exact = record.types.get(rank).is_some_and(|name| name == sent);
                let case = (!exact).then_some(Quirk::TypeCase);
                return (index, alias.into_iter().chain(case).collect());
            }
        }
        (self.special.unknown, Vec::new())
    }
}

struct Body<'a> {
    text: &'a str,
    findings: &'a Findings,
}

impl<'a> Body<'a> {
    /// The value at a node; an absent one is null.
    fn form(&self, node: NodeId) -> Form {
        self.findings.found(node).map_or(Form::Null, |found| found.form)
    }

    /// The text at a node, or the spelling of a number or boolean there; else what is wrong with it.
    fn name(&self, node: NodeId) -> Result<Cow<'a, str>, &'static str> {
        let found = self.findings.found(node).ok_or("is missing")?;
        match Leaf::of(found, self.text) {
            Leaf::Null => Err("is null"),
            Leaf::Text(text) if text.is_empty() => Err("is empty"),
            Leaf::Text(text) => Ok(text),
            Leaf::Number(spelling) => Ok(Cow::Borrowed(spelling)),
            Leaf::Boolean(value) => Ok(Cow::Borrowed(if value { "true" } else { "false" })),
            Leaf::Nested => Err("is an object or an array"),
        }
    }

    fn check_root(&self) -> Result<(), String> {
        match self.form(ROOT) {
            Form::Object => Ok(()),
            _ => Err("the body is JSON, but no object".to_owned()),
        }
    }

    fn check_details(&self, node: NodeId) -> Result<(), String> {
        let what = match self.form(node) {
            Form::Object => return Ok(()),
            Form::Null if self.findings.found(node).is_none() => "is missing",
            Form::Null => "is null",
            _ => "is no object",
        };
        Err(format!("`eventDetails` {what}: every event but a test has an object there"))
    }
}
