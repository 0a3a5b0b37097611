use crate::plan::{
    CompileError, EVENT_ID, Field,
    attribute::{DeriveAttribute, FieldSchema},
    kind::Kind,
    record::{DeadLetterField, Derive, MetaField, Origin},
    trie::{NodeId, Trie},
};

/// Compiles one field of a record; `earlier` are those before it.
pub(super) fn compile_field(
    source: &str,
    record: &str,
    field: &FieldSchema,
    earlier: &[Field],
    trie: &Trie,
) -> Result<Field, CompileError> {
    let fail = |problem: String| CompileError::field(source, &field.name, problem);
    if let Some(stray) = OWN_ATTRIBUTES.iter().find(|name| field.rest.contains_key(**name)) {
        let problem =
            format!("`{stray}` stands beside the attribute `kalends` and would be ignored: put it inside");
        return Err(fail(problem));
    }
    let (kind, nullable) = Kind::of_schema(&field.kind).ok_or_else(|| fail(WANT_TYPE.to_owned()))?;
    let from = field.kalends.from.iter().map(|path| node(path, kind, trie)).collect::<Result<Vec<_>, _>>();
    let origin = origin(field, from.map_err(fail)?, earlier).map_err(fail)?;
    let personal = field.kalends.personal.as_deref().map(str::parse).transpose().map_err(fail)?;
    check_kind(kind, &origin).map_err(|want| fail(format!("it holds {want}; give it that type")))?;
    if !nullable && !never_null(&origin, record, kind, &field.kalends.from) {
        return Err(fail("it can be without a value: make its type a union of null and the type".to_owned()));
    }
    if nullable && field.rest.get("default") != Some(&serde_json::Value::Null) {
        return Err(fail("it has no default: add \"default\": null".to_owned()));
    }
    if matches!(origin, Origin::DeadLetterField(_)) && record != "DeadLetter" {
        return Err(fail("only the DeadLetter record knows what it derives".to_owned()));
    }
    Ok(Field { name: field.name.clone(), nullable, personal, kind, origin })
}

/// Keys that count only inside the attribute `kalends` of a field.
const OWN_ATTRIBUTES: [&str; 3] = ["from", "derive", "personal"];

const WANT_TYPE: &str = "its type has no meaning here: want string, boolean, int, long, double, bytes, \
    timestamp-millis or an array of string, alone or as [\"null\", type]";

/// A string that is the first argument of `utc_of_local` is a local time, and is read as one.
pub(super) fn infer_local_times(fields: &mut [Field]) {
    let locals: Vec<usize> = fields
        .iter()
        .filter_map(|field| match field.origin {
            Origin::Body { derive: Some(Derive::UtcOfLocal { local, .. }), .. } => Some(local),
            _ => None,
        })
        .collect();
    for index in locals {
        // What is never null takes any text.
        if let Some(field) = fields.get_mut(index).filter(|field| field.nullable) {
            field.kind = Kind::LocalTime;
        }
    }
}

fn node(path: &str, kind: Kind, trie: &Trie) -> Result<NodeId, String> {
    let stars = path.split('/').filter(|segment| *segment == "*").count();
    if !path.starts_with('/') {
        return Err(format!("`from` holds {path:?}: want a JSON Pointer, such as /eventDetails/actionType"));
    }
    if stars > 1 || (stars == 1) != (kind == Kind::Texts) {
        return Err(format!("`from` holds {path:?}: an array of string takes one `*`, any other type none"));
    }
    trie.find(path).ok_or_else(|| format!("`from` holds {path:?}, which leads nowhere"))
}

fn origin(field: &FieldSchema, from: Vec<NodeId>, earlier: &[Field]) -> Result<Origin, String> {
    let Some(derive) = &field.kalends.derive else {
        return Ok(Origin::Body { from, derive: None });
    };
    Ok(match derive.function.as_str() {
        "endpoint" => Origin::Meta(MetaField::Endpoint),
        "received_at" => Origin::Meta(MetaField::ReceivedAt),
        "journal_id" => Origin::Meta(MetaField::JournalId),
        "journal_shard" => Origin::Meta(MetaField::JournalShard),
        "journal_position" => Origin::Meta(MetaField::JournalPosition),
        "extra_fields" => Origin::ExtraFields,
        "event_id" => Origin::DeadLetterField(DeadLetterField::EventId),
        "event_type" if from.is_empty() => Origin::DeadLetterField(DeadLetterField::EventType),
        "event_type" => Origin::EventType,
        "reason" => Origin::DeadLetterField(DeadLetterField::Reason),
        "message" => Origin::DeadLetterField(DeadLetterField::Message),
        "body_bytes" => Origin::DeadLetterField(DeadLetterField::BodyBytes),
        "body" => Origin::DeadLetterField(DeadLetterField::Body),
        "raw_json" => Origin::RawJson(from),
        "iana_of_windows" => Origin::Body { from, derive: Some(iana_of_windows(derive, earlier)?) },
        "utc_of_local" => Origin::Body { from, derive: Some(utc_of_local(derive, earlier)?) },
        other => return Err(format!("it derives from {other:?}, which there is not")),
    })
}

fn iana_of_windows(derive: &DeriveAttribute, earlier: &[Field]) -> Result<Derive, String> {
    match derive.args.as_slice() {
        [windows] => Ok(Derive::IanaOfWindows { windows: argument(windows, Kind::Text, earlier)? }),
        _ => Err("iana_of_windows takes one field: the Windows name".to_owned()),
    }
}

fn utc_of_local(derive: &DeriveAttribute, earlier: &[Field]) -> Result<Derive, String> {
    let (local, iana, windows, not_before) = match derive.args.as_slice() {
        [local, iana, windows] => (local, iana, windows, None),
        [local, iana, windows, not_before] => (local, iana, windows, Some(not_before)),
        _ => {
            return Err(
                "utc_of_local takes local time, IANA name, Windows name and, if any, the start".to_owned()
            );
        }
    };
    Ok(Derive::UtcOfLocal {
        local: argument(local, Kind::Text, earlier)?,
        iana: argument(iana, Kind::Text, earlier)?,
        windows: argument(windows, Kind::Text, earlier)?,
        not_before: not_before.map(|name| argument(name, Kind::Instant, earlier)).transpose()?,
    })
}

fn argument(name: &str, kind: Kind, earlier: &[Field]) -> Result<usize, String> {
    let index = earlier.iter().position(|field| field.name == name && field.kind == kind);
    index.ok_or_else(|| {
        format!("it derives from `{name}`, which is no earlier field of the type wanted ({kind:?})")
    })
}

fn check_kind(kind: Kind, origin: &Origin) -> Result<(), &'static str> {
    let (want, name) = match origin {
        Origin::Meta(MetaField::JournalShard) => (Kind::Int, "an int"),
        Origin::Meta(MetaField::JournalPosition) | Origin::DeadLetterField(DeadLetterField::BodyBytes) => {
            (Kind::Long, "a long")
        }
        Origin::DeadLetterField(DeadLetterField::Body) => (Kind::Bytes, "bytes"),
        Origin::Meta(MetaField::ReceivedAt)
        | Origin::Body { derive: Some(Derive::UtcOfLocal { .. }), .. } => (Kind::Instant, "an instant"),
        Origin::Body { derive: None, .. } if kind != Kind::Bytes => (kind, ""),
        _ => (Kind::Text, "a string"),
    };
    if kind == want { Ok(()) } else { Err(name) }
}

fn never_null(origin: &Origin, record: &str, kind: Kind, from: &[String]) -> bool {
    match origin {
        Origin::Meta(_) => true,
        Origin::DeadLetterField(letter) => {
            matches!(letter, DeadLetterField::Reason | DeadLetterField::Message | DeadLetterField::BodyBytes)
        }
        Origin::EventType => record != "DeadLetter",
        Origin::Body { .. } => {
            let is_event_id = matches!(from, [path] if path.eq_ignore_ascii_case(EVENT_ID));
            record != "DeadLetter" && kind == Kind::Text && is_event_id
        }
        Origin::RawJson(_) | Origin::ExtraFields => false,
    }
}
