use std::{borrow::Cow, time::Duration};

use kalends_value::duration;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A time after which something ends, or `off`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct After(pub Option<Duration>);

impl<'de> Deserialize<'de> for After {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if ["off", "false"].contains(&text.as_str()) {
            return Ok(Self(None));
        }
        let text = serde::de::IntoDeserializer::<D::Error>::into_deserializer(text);
        duration::deserialize(text).map(|time| Self(Some(time)))
    }
}

impl Serialize for After {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Some(time) => duration::serialize(time, serializer),
            None => serializer.serialize_str("off"),
        }
    }
}

impl JsonSchema for After {
    fn schema_name() -> Cow<'static, str> {
        "After".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "enum": ["off", false] }, generator.subschema_for::<duration::Written>()] })
    }
}
