//! The fields that every record of an event has, whoever wrote its schema.

use crate::plan::{
    CompileError,
    attribute::{FieldSchema, RecordSchema},
};

/// Holds that a new record type has the fields of `common`, each with its type and the value that it derives. Consumers of
/// several topics and connectors that write tables of them count on each.
///
/// # Errors
/// Every field that is missing, or the first one that differs.
pub(super) fn check(source: &str, common: &[FieldSchema], new: &RecordSchema) -> Result<(), CompileError> {
    let of_name = |name: &str| new.fields.iter().find(|field| field.name == name);
    let missing: Vec<_> = names(common.iter().filter(|field| of_name(&field.name).is_none()));
    if !missing.is_empty() {
        let problem = format!(
            "{} missing; every record has {}: copy them from `kalends schemas show --source UnknownEvent`",
            missing.join(", ") + if missing.len() == 1 { " is" } else { " are" },
            names(common.iter()).join(", "),
        );
        return Err(CompileError::record(source, problem));
    }
    let differing = common.iter().filter_map(|want| Some((want, of_name(&want.name)?)));
    for (want, field) in differing {
        if field.kind != want.kind {
            let problem = format!("every record has it, with the type {}: give it that type", want.kind);
            return Err(CompileError::field(source, &field.name, problem));
        }
        let function =
            |field: &FieldSchema| field.kalends.derive.as_ref().map(|derive| derive.function.clone());
        if let Some(wanted) = function(want).filter(|wanted| function(field).as_ref() != Some(wanted)) {
            let problem = format!(
                "every record has it, derived: give it \"kalends\": {{\"derive\": {{\"fn\": \"{wanted}\"}}}}"
            );
            return Err(CompileError::field(source, &field.name, problem));
        }
    }
    Ok(())
}

/// The fields that the record of an event of no known type shares with all others: all but the details as a whole.
pub(super) fn of_unknown_event(schema: &RecordSchema) -> Vec<FieldSchema> {
    let is_raw = |field: &&FieldSchema| {
        field.kalends.derive.as_ref().is_some_and(|derive| derive.function == "raw_json")
    };
    schema.fields.iter().filter(|field| !is_raw(field)).cloned().collect()
}

fn names<'a>(fields: impl Iterator<Item = &'a FieldSchema>) -> Vec<String> {
    fields.map(|field| format!("`{}`", field.name)).collect()
}
