//! An `.avsc` file as JSON: what Avro reads of it, and kalends' own attributes.

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
    pub(crate) types: Vec<String>,
    pub(crate) topic: String,
    #[serde(default)]
    pub(crate) reclassify: Vec<ReclassifyAttribute>,
}

/// One rule of a record's `reclassify`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReclassifyAttribute {
    pub(crate) to: String,
    pub(crate) when_absent: Vec<String>,
}

/// Attribute `kalends` of a field.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FieldAttribute {
    pub(crate) from: Vec<String>,
    pub(crate) derive: Option<DeriveAttribute>,
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
