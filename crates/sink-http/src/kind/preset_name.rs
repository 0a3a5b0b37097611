use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};

use crate::preset;

/// The name of a preset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PresetName(String);

impl PresetName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for PresetName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let known = preset::names();
        if known.contains(&name.as_str()) {
            return Ok(Self(name));
        }
        Err(de::Error::custom(kalends_value::nearest("preset", &name, &known)))
    }
}

impl JsonSchema for PresetName {
    fn schema_name() -> Cow<'static, str> {
        "Preset".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": preset::names() })
    }
}
