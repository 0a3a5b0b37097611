use std::{borrow::Cow, collections::BTreeMap};

use kalends_delivery::privacy;
use kalends_normalise::Personal;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use kalends_value::{Secret, words};

/// Rules for the personal data that a sink may see.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Privacy {
    /// Rule for the fields of each class. Since 0.1.
    pub classes: Classes,
    /// Rule for single fields, whatever their class. Default: none named. Since 0.1.
    pub fields: BTreeMap<String, Treatment>,
    /// JSON Pointers of what `extra_fields` keeps where any rule is not `keep`. Default: none. Since 0.1.
    pub keep_extra_fields: Vec<String>,
    /// The key of `hash`. Default: none. Since 0.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<Secret>,
    /// Drops personal values unless the subscriber allows marketing. Default `off`. Since 0.1.
    pub consent: Consent,
}

/// Rule for the fields of each class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Classes {
    /// E-mail addresses. Default `keep`. Since 0.1.
    pub email: Treatment,
    /// Another system's identifiers of a person. Default `keep`. Since 0.1.
    pub external_id: Treatment,
    /// IP addresses. Default `keep`. Since 0.1.
    pub ip_address: Treatment,
    /// Browsers' User-Agent texts. Default `keep`. Since 0.1.
    pub user_agent: Treatment,
    /// Postal codes. Default `keep`. Since 0.1.
    pub post_code: Treatment,
    /// Text that may hold anything. Default `keep`. Since 0.1.
    pub free_text: Treatment,
}

/// Treatment of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Treatment(pub privacy::Treatment);

words!(Treatment(privacy::Treatment) {
    "keep" => Keep, "drop" => Drop, "hash" => Hash, "truncate" => Truncate
});

/// Part of the subscriber's consent in the treatment of personal values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Consent {
    /// Consent is not looked at.
    #[default]
    Off,
    /// Personal values are dropped unless the event says that marketing is allowed.
    Marketing,
}

impl<'de> Deserialize<'de> for Consent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            // YAML takes a bare `off` for a truth value.
            "off" | "false" => Ok(Self::Off),
            "marketing" => Ok(Self::Marketing),
            other => Err(de::Error::unknown_variant(other, &["off", "marketing"])),
        }
    }
}

impl Serialize for Consent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match self {
            Self::Off => "off",
            Self::Marketing => "marketing",
        })
    }
}

impl JsonSchema for Consent {
    fn schema_name() -> Cow<'static, str> {
        "Consent".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "enum": ["off", "marketing", false] })
    }
}

impl Classes {
    /// The treatment of a class.
    #[must_use]
    pub const fn of(&self, class: Personal) -> Treatment {
        match class {
            Personal::Email => self.email,
            Personal::ExternalId => self.external_id,
            Personal::IpAddress => self.ip_address,
            Personal::UserAgent => self.user_agent,
            Personal::PostCode => self.post_code,
            Personal::FreeText => self.free_text,
        }
    }
}

impl Privacy {
    /// The same rules as delivery wants them.
    #[must_use]
    pub fn rules(&self) -> privacy::Rules {
        privacy::Rules {
            classes: Personal::ALL.into_iter().map(|class| (class, self.classes.of(class).0)).collect(),
            fields: self.fields.iter().map(|(field, treatment)| (field.clone(), treatment.0)).collect(),
            keep_extra_fields: self.keep_extra_fields.clone(),
            key: self.key.as_ref().map(|key| privacy::Key::new(key.expose())),
            consent: match self.consent {
                Consent::Off => privacy::Consent::Off,
                Consent::Marketing => privacy::Consent::Marketing,
            },
        }
    }
}
