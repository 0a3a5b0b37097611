use crate::plan::{
    CompileError,
    attribute::{FieldSchema, RecordSchema},
};

/// Holds that records of `new` can be read as `old` and the other way round: every field of `old` is there with its type,
/// and what is new may be null and is so by default.
pub(crate) fn check(source: &str, old: &RecordSchema, new: &RecordSchema) -> Result<(), CompileError> {
    let takes = |name: &&String| new.kalends.types.iter().any(|other| other.eq_ignore_ascii_case(name));
    if let Some(name) = old.kalends.types.iter().find(|name| !takes(name)) {
        let problem = format!("the built-in takes event type `{name}`: put it back into `types`");
        return Err(CompileError::record(source, problem));
    }
    for field in &old.fields {
        match new.fields.iter().find(|other| other.name == field.name) {
            Some(other) if other.kind == field.kind => {}
            Some(_) => {
                let problem = format!("its type differs from the built-in's: want {}", field.kind);
                return Err(CompileError::field(source, &field.name, problem));
            }
            None => {
                let problem = "the built-in has it, and readers count on it: put it back";
                return Err(CompileError::field(source, &field.name, problem));
            }
        }
    }
    let added = |field: &&FieldSchema| old.fields.iter().all(|other| other.name != field.name);
    match new.fields.iter().filter(added).find(|field| !field.kind.is_array()) {
        Some(field) => Err(CompileError::field(
            source,
            &field.name,
            "the built-in has no such field, so it must be a union with null",
        )),
        None => Ok(()),
    }
}
