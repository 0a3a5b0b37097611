use kalends_sink::KindSettings;
use kalends_value::Start;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use super::Privacy;

/// A destination: the keys that all kinds have in common, and the keys of its kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Sink {
    /// The common keys.
    pub common: Common,
    /// The keys of the sink's kind.
    pub own: KindSettings,
}

/// The keys that sinks of all kinds have in common.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Common {
    /// Start in a journal that this sink has never seen. Default `earliest`. Since 0.1.
    pub start: Start,
    /// Has the journal keep webhooks until this sink has them; if not, a full journal drops this sink's oldest ones.
    /// Default true. Since 0.1.
    pub required: bool,
    /// The only event types that the sink takes. Default: none named, so all. Since 0.1.
    pub only: Vec<String>,
    /// Event types that the sink does not take. Default: none. Since 0.1.
    pub except: Vec<String>,
    /// Takes U+0000 out of texts, where it stands and where it is escaped in JSON text: PostgreSQL takes neither.
    /// Default false. Since 0.1.
    pub strip_nul: bool,
    /// Rules for the personal data that the sink may see. Default: everything. Since 0.1.
    pub privacy: Privacy,
}

impl Default for Common {
    fn default() -> Self {
        Self {
            start: Start::Earliest,
            required: true,
            only: Vec::new(),
            except: Vec::new(),
            strip_nul: false,
            privacy: Privacy::default(),
        }
    }
}

impl Sink {
    /// Returns whether the sink takes records of this type.
    #[must_use]
    pub fn takes(&self, record: &str) -> bool {
        let is_in = |names: &[String]| names.iter().any(|name| name == record);
        (self.common.only.is_empty() || is_in(&self.common.only)) && !is_in(&self.common.except)
    }
}

/// The kind and the keys beside each other, as in the file: of the common keys those that the kind takes.
impl Serialize for Sink {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Keys<'a> {
            kind: &'static str,
            #[serde(flatten)]
            own: &'a KindSettings,
            #[serde(flatten)]
            common: serde_json::Map<String, Value>,
        }
        let common = serde_json::to_value(&self.common).map_err(serde::ser::Error::custom)?;
        let taken = self.own.common().taken.iter();
        let taken = taken.filter_map(|key| Some((key.name().to_owned(), common.get(key.name())?.clone())));
        Keys { kind: self.own.kind(), own: &self.own, common: taken.collect() }.serialize(serializer)
    }
}
