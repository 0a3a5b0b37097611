use std::{borrow::Cow, fmt};

use kalends_value::{NEVER_PLAIN, Path, Secret};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A secret, or several of which all are used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tokens {
    /// One.
    One(Secret),
    /// Several, as while one takes the place of another.
    Several(Vec<Secret>),
}

impl Tokens {
    /// The secrets.
    #[must_use]
    pub fn all(&self) -> &[Secret] {
        match self {
            Self::One(secret) => std::slice::from_ref(secret),
            Self::Several(secrets) => secrets,
        }
    }

    /// The secrets, each with its path from here.
    pub(super) fn with_paths(&mut self, at: &Path) -> Vec<(Path, &mut Secret)> {
        match self {
            Self::One(secret) => vec![(at.clone(), secret)],
            Self::Several(secrets) => {
                secrets.iter_mut().enumerate().map(|(index, secret)| (at.item(index), secret)).collect()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Tokens {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TokensVisitor)
    }
}

impl Serialize for Tokens {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::One(secret) => secret.serialize(serializer),
            Self::Several(secrets) => secrets.serialize(serializer),
        }
    }
}

impl JsonSchema for Tokens {
    fn schema_name() -> Cow<'static, str> {
        "Tokens".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let secret = generator.subschema_for::<Secret>();
        json_schema!({ "anyOf": [secret, { "type": "array", "items": secret, "minItems": 1 }] })
    }
}

struct TokensVisitor;

impl<'de> de::Visitor<'de> for TokensVisitor {
    type Value = Tokens;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a reference to a secret, { env: NAME } or { file: PATH }, or a list of them")
    }

    // What was written here may be the secret itself: the message must not repeat it.
    fn visit_str<E: de::Error>(self, _: &str) -> Result<Tokens, E> {
        Err(E::custom(NEVER_PLAIN))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Tokens, A::Error> {
        Secret::deserialize(de::value::MapAccessDeserializer::new(map)).map(Tokens::One)
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, list: A) -> Result<Tokens, A::Error> {
        Vec::deserialize(de::value::SeqAccessDeserializer::new(list)).map(Tokens::Several)
    }
}
