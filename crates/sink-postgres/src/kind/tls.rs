use std::{borrow::Cow, fmt};

use kalends_value::{ClientTls, Misfit, Secret};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, value::MapAccessDeserializer},
};

/// TLS towards the server, or `off`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsSetting {
    /// None: for sockets and loopback addresses.
    Off,
    /// The server's certificate is verified.
    On(ClientTls),
}

impl Default for TlsSetting {
    fn default() -> Self {
        Self::On(ClientTls::default())
    }
}

impl TlsSetting {
    /// The client's private key.
    pub(super) fn key(&mut self) -> Option<&mut Secret> {
        match self {
            Self::Off => None,
            Self::On(tls) => tls.key.as_mut(),
        }
    }

    pub(super) fn check(&self) -> Vec<Misfit> {
        match self {
            Self::Off => Vec::new(),
            Self::On(tls) => tls.check(),
        }
    }
}

impl<'de> Deserialize<'de> for TlsSetting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TlsVisitor)
    }
}

struct TlsVisitor;

impl<'de> de::Visitor<'de> for TlsVisitor {
    type Value = TlsSetting;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("off, or TLS settings such as { ca: PATH }")
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<TlsSetting, E> {
        match word {
            "off" | "false" => Ok(TlsSetting::Off),
            other => Err(E::custom(format!(
                "`{other}` is not known here; write `off`, or settings such as {{ ca: PATH }}"
            ))),
        }
    }

    fn visit_bool<E: de::Error>(self, on: bool) -> Result<TlsSetting, E> {
        Ok(if on { TlsSetting::default() } else { TlsSetting::Off })
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<TlsSetting, A::Error> {
        ClientTls::deserialize(MapAccessDeserializer::new(map)).map(TlsSetting::On)
    }
}

impl Serialize for TlsSetting {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Off => serializer.serialize_str("off"),
            Self::On(tls) => tls.serialize(serializer),
        }
    }
}

impl JsonSchema for TlsSetting {
    fn schema_name() -> Cow<'static, str> {
        "TlsSetting".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let on = generator.subschema_for::<ClientTls>();
        json_schema!({ "anyOf": [on, { "enum": ["off", false] }] })
    }
}
