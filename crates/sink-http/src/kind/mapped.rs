use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::SerializeMap};
use serde_json::Value;

/// The value under a name at the destination.
#[derive(Debug, Clone, PartialEq)]
pub enum Mapped {
    /// The value of a field of the record.
    Field(String),
    /// Always the same: text, a number, true or false.
    Constant(Value),
    /// Nothing.
    Omitted,
}

impl<'de> Deserialize<'de> for Mapped {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MappedVisitor)
    }
}

impl Serialize for Mapped {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Field(field) => serializer.serialize_str(field),
            Self::Constant(value) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("value", value)?;
                map.end()
            }
            Self::Omitted => serializer.serialize_unit(),
        }
    }
}

impl JsonSchema for Mapped {
    fn schema_name() -> Cow<'static, str> {
        "Mapped".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The name of a record's field, { value: CONSTANT }, or null for nothing.",
            "anyOf": [
                { "type": ["string", "null"] },
                {
                    "type": "object",
                    "properties": { "value": { "type": ["string", "number", "boolean"] } },
                    "required": ["value"],
                    "additionalProperties": false,
                },
            ],
        })
    }
}

const WHAT_TO_WRITE: &str = "write the name of a field, `{ value: CONSTANT }`, or `null` for nothing";

struct MappedVisitor;

impl<'de> de::Visitor<'de> for MappedVisitor {
    type Value = Mapped;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field, { value: CONSTANT }, or null")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Mapped, E> {
        Ok(Mapped::Field(text.to_owned()))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Mapped, E> {
        Ok(Mapped::Omitted)
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Mapped, A::Error> {
        let mut found = None;
        while let Some(key) = map.next_key::<String>()? {
            let value: Value = map.next_value()?;
            if key != "value" || value.is_array() || value.is_object() || value.is_null() {
                return Err(de::Error::custom(WHAT_TO_WRITE));
            }
            found = Some(Mapped::Constant(value));
        }
        found.ok_or_else(|| de::Error::custom(WHAT_TO_WRITE))
    }
}
