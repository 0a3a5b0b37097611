use kalends_normalise::{Edit, Event, Field, Plan, RecordType, Value};
use kalends_trace::TraceContext;

use super::{Consent, Fault, Rules, Treatment, allowed::allowed_only, digest::Digest, letter, prefix};

/// Fields that can hold any value of a body.
pub(super) const EVENT_DETAILS: &str = "event_details";
pub(super) const EXTRA_FIELDS: &str = "extra_fields";
pub(super) const BODY: &str = "body";

const EVENT_ID: &str = "event_id";
const EVENT_TYPE: &str = "event_type";
const CONSENT: &str = "is_marketing_allowed";

/// A sink's rules, made ready: what becomes of each field of each record type.
pub(crate) struct Policy {
    /// By record type.
    tables: Vec<Table>,
    consent: Consent,
    digest: Option<Digest>,
    keep_extra_fields: Vec<String>,
    keep_event_id: bool,
    keep_event_type: bool,
}

struct Table {
    record: String,
    /// By field.
    usual: Vec<Rule>,
    /// The same for events without consent, where that is asked for.
    without_consent: Vec<Rule>,
    /// The field that tells of consent.
    consent: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    Keep,
    Drop,
    Hash,
    Truncate,
    /// Of `extra_fields` only what is allowed by name stays.
    Sieve,
    /// An event's type is whatever was sent, if it is not known: the record type's name stands for it.
    RecordName,
}

impl Policy {
    /// What the rules mean for this plan; `None` when they keep everything.
    pub(crate) fn compile(rules: &Rules, plan: &Plan) -> Result<Option<Self>, Fault> {
        if let Some(fault) = rules.faults(plan).into_iter().next() {
            return Err(fault);
        }
        Ok((!rules.keep_all()).then(|| Self::of(rules, plan)))
    }

    /// Compiles rules without a fault for this plan.
    pub(super) fn of(rules: &Rules, plan: &Plan) -> Self {
        let table = |record: &RecordType| Table {
            record: record.name.clone(),
            usual: record.fields.iter().map(|field| usual(rules, field)).collect(),
            without_consent: record.fields.iter().map(|field| without_consent(rules, field)).collect(),
            consent: record.fields.iter().position(|field| field.name == CONSENT),
        };
        Self {
            tables: plan.records().iter().map(table).collect(),
            consent: rules.consent,
            digest: rules.key.as_ref().map(Digest::new),
            keep_extra_fields: rules.keep_extra_fields.clone(),
            keep_event_id: rules.keep_by_name(EVENT_ID),
            keep_event_type: rules.keep_by_name(EVENT_TYPE),
        }
    }

    /// Appends the datum of an event's record as the sink may see it.
    pub(crate) fn encode(&self, event: &Event, out: &mut Vec<u8>) {
        let table = self.tables.get(event.record);
        let (rules, name) = table.map_or((&[][..], ""), |table| (self.rules(table, event), &table.record));
        event.encode_edited(out, |at, value| {
            self.edit(rules.get(at).copied().unwrap_or(Rule::Drop), value, name)
        });
    }

    fn rules<'a>(&self, table: &'a Table, event: &Event) -> &'a [Rule] {
        let consents = || table.consent.and_then(|at| event.values().nth(at)) == Some(Value::Boolean(true));
        if self.consent == Consent::Off || consents() { &table.usual } else { &table.without_consent }
    }

    fn edit(&self, rule: Rule, value: &Value<'_>, record: &str) -> Edit {
        let becomes = |change: &dyn Fn(&str) -> Option<String>| {
            value.as_text().and_then(change).map_or(Edit::Drop, Edit::Text)
        };
        match rule {
            Rule::Keep => Edit::Keep,
            Rule::Drop => Edit::Drop,
            Rule::Hash => becomes(&|text| self.digest.as_ref().map(|digest| digest.of(text))),
            Rule::Truncate => becomes(&prefix::network),
            Rule::Sieve => becomes(&|text| allowed_only(text, &self.keep_extra_fields)),
            Rule::RecordName => Edit::Text(record.to_owned()),
        }
    }

    /// A request's trace context, if the sink may see it: what versions to come append can be any text.
    pub(crate) fn traceparent(traceparent: Option<&str>) -> Option<&str> {
        traceparent.filter(|text| TraceContext::is_bare(text))
    }

    /// A dead letter's event id, if the sink may see it: only what is written as the sender writes its ids.
    pub(crate) fn letter_id<'a>(&self, event_id: Option<&'a str>) -> Option<&'a str> {
        event_id.filter(|id| self.keep_event_id || letter::is_uuid(id))
    }

    /// A dead letter's event type, if the sink may see it: only one that is known.
    pub(crate) fn letter_type<'a>(&self, event_type: Option<&'a str>) -> Option<&'a str> {
        let is_known = |name: &str| self.tables.iter().any(|table| table.record.eq_ignore_ascii_case(name));
        event_type.filter(|name| self.keep_event_type || is_known(name))
    }
}

fn usual(rules: &Rules, field: &Field) -> Rule {
    if rules.withhold()
        && let Some(rule) = guard(rules, field)
    {
        return rule;
    }
    of(rules.treatment(field))
}

/// A class is dropped whatever is said of the field: the subscriber's word is the last.
fn without_consent(rules: &Rules, field: &Field) -> Rule {
    let rule = || if field.personal.is_some() { Rule::Drop } else { of(rules.treatment(field)) };
    guard(rules, field).unwrap_or_else(rule)
}

/// Tells whether a field can hold any value of a body.
pub(crate) fn can_hold_anything(field: &Field) -> bool {
    field.is_raw_json() || [EVENT_DETAILS, EXTRA_FIELDS, BODY].contains(&field.name.as_str())
}

/// The rule of a field that can hold any value of a body, at a sink that must not see some of them.
fn guard(rules: &Rules, field: &Field) -> Option<Rule> {
    match field.name.as_str() {
        _ if field.is_raw_json() => Some(Rule::Drop),
        EVENT_DETAILS | BODY => Some(Rule::Drop),
        EXTRA_FIELDS if rules.keep_extra_fields.is_empty() => Some(Rule::Drop),
        EXTRA_FIELDS => Some(if rules.fields.contains_key(EXTRA_FIELDS) { Rule::Drop } else { Rule::Sieve }),
        EVENT_TYPE if !rules.keep_by_name(EVENT_TYPE) => Some(Rule::RecordName),
        _ => None,
    }
}

const fn of(treatment: Treatment) -> Rule {
    match treatment {
        Treatment::Keep => Rule::Keep,
        Treatment::Drop => Rule::Drop,
        Treatment::Hash => Rule::Hash,
        Treatment::Truncate => Rule::Truncate,
    }
}

#[cfg(test)]
mod tests;
