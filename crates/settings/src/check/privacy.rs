use kalends_delivery::privacy::{Fault, Place};
use kalends_normalise::Plan;

use kalends_value::{Misfit, Path, nearest};

use crate::Settings;

/// Holds that every sink's rules can be followed with the record types that are served.
pub(super) fn check(settings: &Settings, plan: &Plan, misfits: &mut Vec<Misfit>) {
    let fields = plan.records().iter().flat_map(|record| record.fields.iter());
    let mut known: Vec<&str> = fields.map(|field| field.name.as_str()).collect();
    known.sort_unstable();
    known.dedup();
    for (name, sink) in &settings.sinks {
        let at = Path::keys(&["sinks", name, "privacy"]);
        for fault in sink.common.privacy.rules().faults(plan) {
            let message = match &fault {
                Fault::UnknownField(field) => nearest("field", field, &known),
                other => other.to_string(),
            };
            misfits.push((place(&at, &fault.place()), message));
        }
    }
}

fn place(privacy: &Path, place: &Place) -> Path {
    match place {
        Place::Class(class) => privacy.key("classes").key(class.as_str()),
        Place::Field(field) => privacy.key("fields").key(field),
        Place::ExtraField(index) => privacy.key("keep_extra_fields").item(*index),
        Place::Key => privacy.key("key"),
        Place::Consent => privacy.key("consent"),
    }
}
