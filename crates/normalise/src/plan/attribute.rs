//! An `.avsc` file as JSON: what Avro reads of it, and kalends' own attributes.
//!
//! `derive` knows these functions:
//!
//! | fn | args | value |
//! |---|---|---|
//! | `endpoint` `received_at` `journal_id` `journal_shard` `journal_position` | | where the body came from |
//! | `event_type` | | the type as resolved; in `DeadLetter`: as sent |
//! | `extra_fields` | | what has no field |
//! | `raw_json` | | the text of what stands at `from` |
//! | `iana_of_windows` | the Windows name | the zone's IANA name, when `from` has none |
//! | `utc_of_local` | local time, IANA name, Windows name, not before | the instant, when `from` has none |
//! | `reason` `message` `body_bytes` `body` `event_id` | | in `DeadLetter`: what is known of it |
//!
//! Arguments are earlier fields of the record. A string that is the first argument of `utc_of_local` is read as a local time.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

/// A record schema.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub(crate) struct RecordSchema {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) namespace: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) doc: String,
    #[serde(skip_serializing)]
    pub(crate) kalends: RecordAttribute,
    pub(crate) fields: Vec<FieldSchema>,
    #[serde(flatten)]
    pub(crate) rest: Map<String, Json>,
}

impl RecordSchema {
    pub(crate) fn full_name(&self) -> String {
        if self.namespace.is_empty() {
            self.name.clone()
        } else {
            format!("{}.{}", self.namespace, self.name)
        }
    }
}

/// A field of a record schema.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub(crate) struct FieldSchema {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: Json,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) doc: String,
    #[serde(default, skip_serializing)]
    pub(crate) kalends: FieldAttribute,
    /// `default` among others; kept as it is, because an absent default is not a null one.
    #[serde(flatten)]
    pub(crate) rest: Map<String, Json>,
}

/// Attribute `kalends` of a record.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordAttribute {
    /// Names that the sender gives the event type: the documented one, then others.
    pub(crate) types: Vec<String>,
    /// Part of the default topic behind the prefix.
    pub(crate) topic: String,
    #[serde(default)]
    pub(crate) reclassify: Vec<ReclassifyAttribute>,
}

/// One rule of a record's `reclassify`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReclassifyAttribute {
    /// Name of the record that the event really is.
    pub(crate) to: String,
    /// JSON Pointers; null counts as absent.
    pub(crate) when_absent: Vec<String>,
}

/// Attribute `kalends` of a field.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FieldAttribute {
    /// JSON Pointers, of which the first that is not null wins; `*` stands for each element of an array.
    pub(crate) from: Vec<String>,
    pub(crate) derive: Option<DeriveAttribute>,
    /// A class of personal data.
    pub(crate) personal: Option<String>,
}

/// A field's `derive`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeriveAttribute {
    #[serde(rename = "fn")]
    pub(crate) function: String,
    #[serde(default)]
    pub(crate) args: Vec<String>,
}
