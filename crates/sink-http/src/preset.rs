//! Presets: the knowledge of a destination as data, a file each in the folder `presets`.

use std::{collections::BTreeMap, sync::OnceLock};

use serde::Deserialize;
use serde_json::Value;

use crate::{kind::Mapped, kind::Rate};

include!(concat!(env!("OUT_DIR"), "/presets.rs"));

/// A destination.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Preset {
    /// The destination in words for people, as the end of a sentence.
    pub(crate) about: String,
    /// The path behind the address of the configuration.
    #[serde(default)]
    pub(crate) path: String,
    /// The way in which the credential is shown.
    pub(crate) auth: Auth,
    /// The need for a credential.
    pub(crate) token: Need,
    /// The person that an event is about.
    #[serde(default)]
    pub(crate) identity: IdentityRule,
    /// Names of events at the destination, by record type.
    #[serde(default)]
    pub(crate) event_names: BTreeMap<String, String>,
    /// The names of all others, with `{type}` for the record type.
    pub(crate) event_name: String,
    pub(crate) limits: Limits,
    /// The default of `rate`.
    #[serde(default)]
    pub(crate) rate: Option<Rate>,
    /// Headers of each request, from templates.
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, Value>,
    /// The body without its objects, where a request takes several.
    #[serde(default)]
    pub(crate) body: Option<Value>,
    pub(crate) event: EventPart,
    #[serde(default)]
    pub(crate) state: Option<StatePart>,
    /// The value of `$record`; left out: the whole record.
    #[serde(default)]
    pub(crate) map: Option<BTreeMap<String, Mapped>>,
    #[serde(default)]
    pub(crate) answers: Answers,
    /// A request that proves the credential and changes nothing.
    #[serde(default)]
    pub(crate) probe: Option<Probe>,
    /// The fate of an event that is sent again, as a sentence.
    pub(crate) repeats: String,
}

/// A way in which a credential is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Auth {
    /// `Authorization: Bearer`.
    Bearer,
    /// Basic, as the user's name without a password.
    BasicUser,
    /// Standard Webhooks: it signs.
    StandardWebhooks,
}

/// The need for something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Need {
    Required,
    Optional,
}

/// The person that an event is about.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IdentityRule {
    /// True where an event without an identity can't be sent.
    pub(crate) needed: bool,
    /// The destination's name for what a field identifies.
    #[serde(default)]
    pub(crate) names: BTreeMap<String, String>,
    /// The destination's name for what any other field identifies.
    #[serde(default)]
    pub(crate) other: Option<String>,
}

/// Bounds of a request.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Limits {
    /// Objects of a request; 1 where the body is the object.
    pub(crate) objects: usize,
    /// Bytes of a request.
    pub(crate) bytes: usize,
    /// Bytes of an object; that many as of a request unless set.
    #[serde(default)]
    pub(crate) object_bytes: Option<usize>,
}

/// The form in which an event is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventPart {
    /// The list of the body that has the object; left out where the body is the object.
    #[serde(default)]
    pub(crate) into: Option<String>,
    /// A template.
    pub(crate) object: Value,
}

/// The form in which the state of a subscription is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StatePart {
    /// The list of the body that has the object.
    pub(crate) into: String,
    /// The record types that change it.
    pub(crate) of: Vec<String>,
    /// The field without whose value nothing is written.
    #[serde(default)]
    pub(crate) needs: Option<String>,
    /// A template.
    pub(crate) object: Value,
    /// Lists at the destination in which every subscription of a person has values.
    #[serde(default)]
    pub(crate) lists: BTreeMap<String, ListEntry>,
}

/// The values that a subscription has in a list.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListEntry {
    /// The field that has them.
    pub(crate) field: String,
    /// True where a value stands alone, without the end of its subscription's id.
    #[serde(default)]
    pub(crate) plain: bool,
}

/// The rules by which a destination's answers are read.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Answers {
    /// Pointers to the number of objects of a list that were taken.
    pub(crate) processed: BTreeMap<String, String>,
    /// The part of an answer that names the objects which were not taken.
    pub(crate) failed: Option<Failed>,
    /// Pointers to the words that say what is wrong; the first that is there counts.
    pub(crate) words: Vec<String>,
}

/// The rules by which an answer names the objects that were not taken.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Failed {
    /// The list of failures.
    pub(crate) list: String,
    /// Pointer within an entry to the list of the request; left out where there is only one.
    #[serde(default)]
    pub(crate) array: Option<String>,
    /// Pointer within an entry to the object's index.
    pub(crate) index: String,
    /// Pointer within an entry to a status as of a request.
    #[serde(default)]
    pub(crate) status: Option<String>,
    /// Pointers within an entry to the words that say what is wrong; the first that is there counts.
    #[serde(default)]
    pub(crate) words: Vec<String>,
}

/// A request that proves the credential.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Probe {
    pub(crate) body: Value,
    /// Statuses that prove it.
    pub(crate) proves: Vec<u16>,
}

impl Preset {
    /// The name of a record type's events, unless the configuration has another.
    pub(crate) fn event_name(&self, record: &str) -> String {
        let named = self.event_names.get(record).cloned();
        named.unwrap_or_else(|| self.event_name.replace("{type}", record))
    }
}

/// The names of all presets.
pub(crate) fn names() -> Vec<&'static str> {
    FILES.iter().map(|(name, _)| *name).collect()
}

/// The preset of this name.
pub(crate) fn named(name: &str) -> Option<&'static Preset> {
    static READ: OnceLock<BTreeMap<&str, Preset>> = OnceLock::new();
    let read = || {
        let each = FILES.iter().filter_map(|(name, text)| Some((*name, parse(text).ok()?)));
        each.collect()
    };
    READ.get_or_init(read).get(name)
}

fn parse(text: &str) -> Result<Preset, String> {
    serde_saphyr::from_str(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_a_preset() {
        for (name, text) in FILES {
            let preset = parse(text).unwrap_or_else(|error| panic!("presets/{name}.yaml: {error}"));
            assert!(
                preset.limits.objects == 1 || preset.body.is_some(),
                "{name}: several objects need a body"
            );
            assert!(!preset.repeats.is_empty() && !preset.about.is_empty(), "{name}");
        }
        assert_eq!(names(), ["braze", "none", "segment", "webhook"]);
    }

    #[test]
    fn no_preset_names_an_attribute_by_which_a_destination_keeps_who_gets_mail() {
        let forbidden = [
            "email_subscribe",
            "push_subscribe",
            "subscription_groups",
            "unsubscribed",
            "email_open_tracking",
        ];
        for (name, text) in FILES {
            for word in forbidden {
                assert!(!text.contains(&format!("{word}:")), "{name} writes {word}");
            }
        }
    }
}
