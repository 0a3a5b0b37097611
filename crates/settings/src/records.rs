use kalends_delivery::privacy::Treatment;
use kalends_normalise::{Field, Plan};
use kalends_sink::RecordName;

use super::{Sink, privacy::Consent};

/// The names of all record types and their fields, in the plan's order; without a sink all count as taken.
#[must_use]
pub fn record_names(plan: &Plan, sink: Option<&Sink>) -> Vec<RecordName> {
    let name = |(index, record): (usize, &kalends_normalise::RecordType)| RecordName {
        name: record.name.clone(),
        topic_suffix: record.topic_suffix.clone(),
        is_dead_letter: index == plan.dead_letter(),
        is_taken: sink.is_none_or(|sink| sink.takes(&record.name)),
        fields: record.fields.iter().map(|field| field.name.clone()).collect(),
    };
    plan.records().iter().enumerate().map(name).collect()
}

/// The names of the fields, over all record types, whose values the sink's privacy may change: by rule, or for want of consent.
#[must_use]
pub fn altered_fields(plan: &Plan, sink: &Sink) -> Vec<String> {
    let privacy = &sink.common.privacy;
    let is_altered = |field: &&Field| {
        let of_class = field.personal.map(|class| privacy.classes.of(class));
        let rule = privacy.fields.get(&field.name).copied().or(of_class);
        let may_lack_consent = privacy.consent == Consent::Marketing && field.personal.is_some();
        may_lack_consent || rule.is_some_and(|rule| rule.0 != Treatment::Keep)
    };
    let fields = plan.records().iter().flat_map(|record| record.fields.iter()).filter(is_altered);
    let mut names: Vec<String> = fields.map(|field| field.name.clone()).collect();
    names.sort_unstable();
    names.dedup();
    names
}
