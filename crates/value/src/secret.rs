use std::{
    borrow::Cow,
    fmt,
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::SerializeMap};

use crate::hints;

/// Largest file that is taken for a secret, in bytes.
const LARGEST: u64 = 64 << 10;

/// The place of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// In an environment variable of this name.
    Env(String),
    /// In a file; white space around it does not count.
    File(PathBuf),
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "environment variable {name}"),
            Self::File(path) => write!(f, "file {}", path.display()),
        }
    }
}

/// A value that is never printed. In the file it is a reference, `{ env: NAME }` or `{ file: PATH }`; loading fills it in.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    reference: Reference,
    value: String,
}

impl Secret {
    /// A secret that is not filled in yet.
    #[must_use]
    pub fn new(reference: Reference) -> Self {
        Self { reference, value: String::new() }
    }

    /// The secret itself. Take care where it goes.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.value
    }

    /// The place of the secret.
    #[must_use]
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// Reads the value from where the reference points.
    ///
    /// # Errors
    /// That it is unset, unreadable or empty, and what to do.
    pub fn resolve(&mut self, variable: &dyn Fn(&str) -> Option<String>) -> Result<(), String> {
        let value = match &self.reference {
            Reference::Env(name) => variable(name)
                .ok_or_else(|| format!("environment variable {name} is not set; set it to the secret"))?,
            Reference::File(path) => read(path)
                .map_err(|reason| format!("the secret in file {} can't be read: {reason}", path.display()))?,
        };
        // Windows editors begin a file with it.
        let value = value.trim_start_matches('\u{feff}').trim();
        if value.is_empty() {
            return Err(format!("the secret in {} is empty", self.reference));
        }
        value.clone_into(&mut self.value);
        Ok(())
    }
}

/// Reads a secret's file, which is not a pipe that never ends nor somebody's disk.
fn read(path: &Path) -> Result<String, String> {
    let io = |error: std::io::Error| format!("{error}{}", hints::of_file(&error));
    if !fs::metadata(path).map_err(io)?.is_file() {
        return Err("it is no regular file; write the path of one".to_owned());
    }
    let mut text = String::new();
    File::open(path).map_err(io)?.take(LARGEST + 1).read_to_string(&mut text).map_err(io)?;
    if u64::try_from(text.len()).is_ok_and(|length| length <= LARGEST) {
        return Ok(text);
    }
    Err("it is larger than 64 KiB, which no secret is; write the path of the secret alone".to_owned())
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[redacted: {}]", self.reference)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_string(SecretVisitor)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        match &self.reference {
            Reference::Env(name) => map.serialize_entry("env", name)?,
            Reference::File(path) => map.serialize_entry("file", path)?,
        }
        map.end()
    }
}

impl JsonSchema for Secret {
    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Where a secret is to be found: in an environment variable or in a file.",
            "type": "object",
            "properties": { "env": { "type": "string" }, "file": { "type": "string" } },
            "additionalProperties": false,
            "minProperties": 1,
            "maxProperties": 1,
        })
    }
}

const WHAT_TO_WRITE: &str = "a secret is a reference; write { env: NAME } or { file: PATH }";

/// Advice for who wrote a secret itself.
pub const NEVER_PLAIN: &str =
    "a secret is never written in the configuration; write { env: NAME } or { file: PATH }";

struct SecretVisitor;

impl<'de> de::Visitor<'de> for SecretVisitor {
    type Value = Secret;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a reference to a secret, { env: NAME } or { file: PATH }")
    }

    // What was written here may be the secret itself: the message must not repeat it.
    fn visit_str<E: de::Error>(self, _: &str) -> Result<Secret, E> {
        Err(E::custom(NEVER_PLAIN))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Secret, A::Error> {
        reference(map).map(Secret::new)
    }
}

/// Reads `{ env: NAME }` or `{ file: PATH }`.
pub(crate) fn reference<'de, A: de::MapAccess<'de>>(mut map: A) -> Result<Reference, A::Error> {
    let mut found = None;
    while let Some(key) = map.next_key::<String>()? {
        let next = match key.as_str() {
            "env" => Reference::Env(map.next_value()?),
            "file" => Reference::File(map.next_value()?),
            // The key itself may be a secret in the wrong place.
            _ => return Err(de::Error::custom(WHAT_TO_WRITE)),
        };
        if found.replace(next).is_some() {
            return Err(de::Error::custom("a secret has one source; write either env or file"));
        }
    }
    found.ok_or_else(|| de::Error::custom(WHAT_TO_WRITE))
}
