use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Secret, secret::reference};

/// A value that may be secret: plain text, or a reference as for [`Secret`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    /// Written in the configuration; may be printed.
    Plain(String),
    /// Never printed.
    Secret(Secret),
}

impl Text {
    /// The value, be it secret or not. Take care where it goes.
    #[must_use]
    pub fn expose(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Secret(secret) => secret.expose(),
        }
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_string(TextVisitor)
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Plain(text) => serializer.serialize_str(text),
            Self::Secret(secret) => secret.serialize(serializer),
        }
    }
}

impl JsonSchema for Text {
    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Text, or a reference to where it is to be found.",
            "anyOf": [{ "type": ["string", "number", "boolean"] }, generator.subschema_for::<Secret>()],
        })
    }
}

struct TextVisitor;

impl<'de> de::Visitor<'de> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, or a reference { env: NAME } or { file: PATH }")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Text, E> {
        Ok(Text::Plain(text.to_owned()))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Text, A::Error> {
        reference(map).map(|reference| Text::Secret(Secret::new(reference)))
    }
}
