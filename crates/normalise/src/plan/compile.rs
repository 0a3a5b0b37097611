//! From `.avsc` texts to a plan.

use apache_avro::Schema;

use crate::{
    plan::{
        CompileError, EVENT_DETAILS, EVENT_ID, EVENT_TYPE, Envelope, Field, Plan, RecordType, Source,
        Special,
        attribute::RecordSchema,
        common_fields,
        compile::field::compile_field,
        kind::Kind,
        personal_names,
        record::{Origin, Personal, Reclassify},
        superset,
        trie::{NodeId, ROOT, Trie},
    },
    time::{TimeUnit, zone::Zones},
};

mod canonical;
mod field;

/// The record of an event whose type is not known.
const UNKNOWN_EVENT: &str = "UnknownEvent";

/// A file, read.
struct File<'a> {
    name: &'a str,
    schema: RecordSchema,
}

impl Plan {
    /// The plan of the built-in record types.
    ///
    /// # Errors
    /// None of its own; the built-in schemas are held valid by tests.
    pub fn builtin(unit: TimeUnit) -> Result<Self, CompileError> {
        Self::compile(&[], unit)
    }

    /// The plan of the built-in record types and `sources`: a source with the full name of a built-in replaces it,
    /// any other is a new event type.
    ///
    /// Sources are written with `timestamp-millis`; the unit is applied to them.
    ///
    /// # Errors
    /// A [`CompileError`] that names the source, and the field where it is one: no JSON, no Avro record, a type or an
    /// attribute that kalends has no meaning for, two records of one event type, or a replacement that is no
    /// compatible superset.
    pub fn compile(sources: &[Source<'_>], unit: TimeUnit) -> Result<Self, CompileError> {
        plan(sources, unit)
    }
}

fn plan(sources: &[Source<'_>], unit: TimeUnit) -> Result<Plan, CompileError> {
    let files = overlay(sources)?;
    let paths = files.iter().flat_map(|file| {
        let fields = file.schema.fields.iter().flat_map(|field| &field.kalends.from);
        fields.chain(file.schema.kalends.reclassify.iter().flat_map(|rule| &rule.when_absent))
    });
    let envelope = [EVENT_ID, EVENT_TYPE, EVENT_DETAILS];
    let trie = Trie::of(envelope.into_iter().chain(paths.map(String::as_str)));
    let records =
        files.iter().map(|file| compile_record(file, &files, &trie, unit)).collect::<Result<Vec<_>, _>>()?;
    refuse_twins(&files)?;
    let index = |name: &str| {
        let missing = || CompileError::record(name, "there is no record of this name");
        records.iter().position(|record| record.name == name).ok_or_else(missing)
    };
    let special =
        Special { test: index("Test")?, unknown: index(UNKNOWN_EVENT)?, dead_letter: index("DeadLetter")? };
    let node = |path: &str| trie.find(path).unwrap_or(ROOT);
    let envelope = Envelope { id: node(EVENT_ID), kind: node(EVENT_TYPE), details: node(EVENT_DETAILS) };
    Ok(Plan { records, envelope, special, trie, zones: Zones::bundled(), unit })
}

/// The built-in files with `sources` laid over them.
fn overlay<'a>(sources: &[Source<'a>]) -> Result<Vec<File<'a>>, CompileError> {
    let mut files =
        Source::BUILT_IN.iter().map(|source| read(*source)).collect::<Result<Vec<File<'a>>, _>>()?;
    let built_in = files.len();
    let unknown = files.iter().find(|file| file.schema.name == UNKNOWN_EVENT);
    let common = unknown.map(|file| common_fields::of_unknown_event(&file.schema)).unwrap_or_default();
    for source in sources {
        let file = read(*source)?;
        let full_name = file.schema.full_name();
        match files.iter().position(|other| other.schema.full_name() == full_name) {
            Some(index) if index < built_in => {
                if let Some(place) = files.get_mut(index) {
                    superset::check(source.name, &place.schema, &file.schema)?;
                    *place = file;
                }
            }
            Some(_) => {
                return Err(CompileError::record(
                    source.name,
                    format!("`{full_name}` is there already; remove one"),
                ));
            }
            None => {
                common_fields::check(source.name, &common, &file.schema)?;
                files.push(file);
            }
        }
    }
    Ok(files)
}

fn read(source: Source<'_>) -> Result<File<'_>, CompileError> {
    let schema: RecordSchema = serde_json::from_str(source.text)
        .map_err(|error| CompileError::Json { source_name: source.name.to_owned(), source: error })?;
    if schema.kind != "record" {
        return Err(CompileError::record(source.name, format!("want a `record`, got {:?}", schema.kind)));
    }
    if !is_topic_suffix(&schema.kalends.topic) {
        let problem = format!("topic {:?}: {TOPIC_RULE}", schema.kalends.topic);
        return Err(CompileError::record(source.name, problem));
    }
    Ok(File { name: source.name, schema })
}

const TOPIC_RULE: &str = "want 1 to 200 letters, digits, `.`, `_` or `-`, the first a letter or digit";

/// Returns whether a topic of Kafka, and a folder, may end so.
fn is_topic_suffix(suffix: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=200).contains(&suffix.len())
        && suffix.starts_with(|first: char| first.is_ascii_alphanumeric())
        && suffix.bytes().all(allowed)
}

/// Two records of one event type would leave it open which of them an event becomes; two of one name, too. Two of one
/// topic would mix types there.
fn refuse_twins(files: &[File<'_>]) -> Result<(), CompileError> {
    for (index, file) in files.iter().enumerate() {
        for earlier in files.iter().take(index) {
            if earlier.schema.name == file.schema.name {
                let problem =
                    format!("{} has a record `{}`, too; rename one", earlier.name, file.schema.name);
                return Err(CompileError::record(file.name, problem));
            }
            for name in &file.schema.kalends.types {
                if earlier.schema.kalends.types.iter().any(|other| other.eq_ignore_ascii_case(name)) {
                    let problem = format!("{} takes event type `{name}`, too; remove one", earlier.name);
                    return Err(CompileError::record(file.name, problem));
                }
            }
            if earlier.schema.kalends.topic == file.schema.kalends.topic {
                let problem = format!(
                    "{} has topic `{}`, too; choose another",
                    earlier.name, file.schema.kalends.topic
                );
                return Err(CompileError::record(file.name, problem));
            }
        }
    }
    Ok(())
}

fn compile_record(
    file: &File<'_>,
    files: &[File<'_>],
    trie: &Trie,
    unit: TimeUnit,
) -> Result<RecordType, CompileError> {
    let schema = in_unit(&file.schema, unit);
    let unwritable = |error| CompileError::Json { source_name: file.name.to_owned(), source: error };
    let schema_json = serde_json::to_string(&schema).map_err(unwritable)?;
    let schema_text = serde_json::to_string_pretty(&schema).map_err(unwritable)?;
    let fingerprint = fingerprint(file.name, &schema_json)?;
    let mut fields = Vec::with_capacity(file.schema.fields.len());
    for field in &file.schema.fields {
        fields.push(compile_field(file.name, &file.schema.name, field, &fields, trie)?);
    }
    field::infer_local_times(&mut fields);
    let keeps_the_rest = fields.iter().any(|field| matches!(field.origin, Origin::ExtraFields));
    if !keeps_the_rest && schema.name != "DeadLetter" {
        let problem = "no field derives `extra_fields`, so what has no field would be lost: add one";
        return Err(CompileError::record(file.name, problem));
    }
    let reclassify = file.schema.kalends.reclassify.iter().map(|rule| {
        let to = files.iter().position(|other| other.schema.name == rule.to);
        let missing =
            || CompileError::record(file.name, format!("reclassify: there is no record `{}`", rule.to));
        let when_absent = rule.when_absent.iter().filter_map(|path| trie.find(path)).collect();
        Ok(Reclassify { to: to.ok_or_else(missing)?, when_absent })
    });
    let position = |name: &str| fields.iter().position(|field| field.name == name);
    Ok(RecordType {
        name: schema.name.clone(),
        full_name: schema.full_name(),
        topic_suffix: file.schema.kalends.topic.clone(),
        schema_json,
        schema_text,
        fingerprint,
        types: file.schema.kalends.types.clone(),
        reclassify: reclassify.collect::<Result<_, _>>()?,
        claimed: claimed(&fields, trie),
        unclassified: unclassified(&file.schema, &fields),
        key_fields: ["calendar_subscription_id", "subscription_event_id"]
            .into_iter()
            .filter_map(position)
            .collect(),
        fields: fields.into(),
    })
}

/// Texts without a class of personal data whose names speak for one.
fn unclassified(schema: &RecordSchema, fields: &[Field]) -> Vec<(usize, Personal)> {
    let is_open = |field: &Field| {
        field.personal.is_none()
            && matches!(field.kind, Kind::Text | Kind::Texts)
            && matches!(field.origin, Origin::Body { derive: None, .. })
    };
    let open = fields.iter().zip(&schema.fields).enumerate().filter(|(_, (field, _))| is_open(field));
    open.filter_map(|(index, (field, sent))| {
        Some((index, personal_names::class_of(&field.name, &sent.kalends.from)?))
    })
    .collect()
}

/// The schema with this unit's logical type and namespace.
fn in_unit(schema: &RecordSchema, unit: TimeUnit) -> RecordSchema {
    let mut schema = schema.clone();
    if unit == TimeUnit::Micros {
        schema.namespace.push_str(if schema.namespace.is_empty() { "micros" } else { ".micros" });
        for field in &mut schema.fields {
            let branches = match &mut field.kind {
                serde_json::Value::Array(branches) => branches.as_mut_slice(),
                branch => std::slice::from_mut(branch),
            };
            for logical in branches.iter_mut().filter_map(|branch| branch.get_mut("logicalType")) {
                *logical = "timestamp-micros".into();
            }
        }
    }
    schema
}

fn fingerprint(source_name: &str, schema_json: &str) -> Result<u64, CompileError> {
    let schema = Schema::parse_str(schema_json).map_err(|error| CompileError::Avro {
        source_name: source_name.to_owned(),
        message: error.to_string(),
    })?;
    Ok(canonical::fingerprint(&schema))
}

/// By node: whether a field reads it or one below it. What every event has is claimed by every record.
fn claimed(fields: &[Field], trie: &Trie) -> Vec<bool> {
    let mut claimed = vec![false; trie.len()];
    let envelope = [EVENT_ID, EVENT_TYPE, EVENT_DETAILS].into_iter().filter_map(|path| trie.find(path));
    let read = fields.iter().flat_map(|field| match &field.origin {
        Origin::RawJson(from) | Origin::Body { from, .. } => from.as_slice(),
        _ => &[],
    });
    for id in envelope.chain(read.copied()) {
        claim(id, &mut claimed, trie);
    }
    claimed
}

fn claim(mut id: NodeId, claimed: &mut [bool], trie: &Trie) {
    while let Some(place) = claimed.get_mut(id) {
        *place = true;
        if id == ROOT {
            break;
        }
        id = trie.node(id).map_or(ROOT, |node| node.parent);
    }
}
