use kalends_normalise::Plan;
use kalends_sink::Scope;
use kalends_value::{Misfit, Path};

use super::{NAME_RULE, is_name};
use crate::{Settings, altered_fields, record_names, sink::Common};

/// Brings what sinks speak of to its own spelling, and lists what is wrong with them. `plan` is `None` when the schemas could not be
/// read.
pub(super) fn check(settings: &mut Settings, plan: Option<&Plan>, misfits: &mut Vec<Misfit>) {
    if settings.sinks.is_empty() {
        let message = "there is no sink, so events would go nowhere; add one, such as \
                       `files: { kind: files, directory: ./data/events }`";
        misfits.push((Path::keys(&["sinks"]), message.into()));
    }
    for (name, sink) in &mut settings.sinks {
        let at = Path::keys(&["sinks", name]);
        if !is_name(name) {
            misfits.push((at.clone(), NAME_RULE.into()));
        }
        let records = plan.map(|plan| record_names(plan, None));
        let told = common(&mut sink.common, &Scope { sink: name, records: records.as_deref(), altered: &[] });
        misfits.extend(told.into_iter().map(|(path, message)| (at.join(&path), message)));
        let records = plan.map(|plan| record_names(plan, Some(sink)));
        let altered = plan.map(|plan| altered_fields(plan, sink)).unwrap_or_default();
        let scope = Scope { sink: name, records: records.as_deref(), altered: &altered };
        let told = sink.own.check(&scope);
        misfits.extend(told.into_iter().map(|(path, message)| (at.join(&path), message)));
    }
}

fn common(common: &mut Common, scope: &Scope<'_>) -> Vec<Misfit> {
    let mut misfits = Vec::new();
    for (key, list) in [("only", &mut common.only), ("except", &mut common.except)] {
        for (index, word) in list.iter_mut().enumerate() {
            match scope.spelling(word) {
                Ok(known) => *word = known,
                Err(message) => misfits.push((Path::keys(&[key]).item(index), message)),
            }
        }
    }
    if !common.only.is_empty() && !common.except.is_empty() {
        let message = "only and except together are one too many; leave one out";
        misfits.push((Path::keys(&["except"]), message.into()));
    }
    misfits
}
