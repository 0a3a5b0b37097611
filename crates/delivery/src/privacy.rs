//! What one sink may see of personal data.
//!
//! Rules go by field: by its name, else by the class that its schema gives it. Whatever can hold any value of a body (the
//! details as JSON, what has no field, the bytes of a dead letter) is withheld as soon as one rule does not keep.

mod allowed;
mod digest;
mod fault;
mod letter;
mod policies;
mod policy;
mod prefix;

pub(crate) use digest::Digest;
pub use fault::{Fault, Place};
pub(crate) use policies::Policies;
pub(crate) use policy::{Policy, can_hold_anything};

use std::{collections::BTreeMap, fmt};

use kalends_normalise::{Field, Personal, Plan};

/// One sink's rules about personal data. The default keeps everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// What becomes of the fields of a class; one that is not named is kept.
    pub classes: BTreeMap<Personal, Treatment>,
    /// What becomes of single fields, by name, whatever their class.
    pub fields: BTreeMap<String, Treatment>,
    /// JSON Pointers of what `extra_fields` keeps where it would be withheld.
    pub keep_extra_fields: Vec<String>,
    /// The key of [`Treatment::Hash`].
    pub key: Option<Key>,
    /// Whether the subscriber's consent is looked at.
    pub consent: Consent,
}

/// What becomes of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Treatment {
    /// It stays as it is.
    #[default]
    Keep,
    /// It becomes null.
    Drop,
    /// It becomes the HMAC-SHA-256 of its UTF-8 bytes, in lower-case hexadecimal digits.
    Hash,
    /// An IP address becomes that of its network (IPv4: /24, IPv6: /48); anything else becomes null.
    Truncate,
}

/// Whether the subscriber's consent decides over personal values. It never decides over events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Consent {
    /// It is not looked at.
    #[default]
    Off,
    /// Every value of a class becomes null unless `is_marketing_allowed` is true in the same event.
    Marketing,
}

/// The key that values are hashed with. It is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(Vec<u8>);

impl Key {
    /// A key of these bytes; any length will do, 32 random bytes do best.
    #[must_use]
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl Rules {
    /// What becomes of a field's values, consent aside.
    fn treatment(&self, field: &Field) -> Treatment {
        let of_class = || field.personal.and_then(|class| self.classes.get(&class));
        self.fields.get(&field.name).or_else(of_class).copied().unwrap_or_default()
    }

    /// Whether any rule does not keep, so that whatever can hold any value of a body is withheld.
    fn withhold(&self) -> bool {
        self.classes.values().chain(self.fields.values()).any(|treatment| *treatment != Treatment::Keep)
    }

    /// Whether nothing is ever withheld.
    fn keep_all(&self) -> bool {
        !self.withhold() && self.consent == Consent::Off
    }

    /// The same for the events of a forgotten person: every value of a class is dropped, whatever else is said of its field, and
    /// whatever can hold any value of a body.
    fn forgetting(&self, plan: &Plan) -> Self {
        let is_personal = |name: &str| {
            let mut fields = plan.records().iter().flat_map(|record| record.fields.iter());
            fields.any(|field| field.name == name && field.personal.is_some())
        };
        let mut fields = self.fields.clone();
        fields.retain(|name, treatment| *treatment != Treatment::Keep && !is_personal(name));
        Self {
            classes: Personal::ALL.into_iter().map(|class| (class, Treatment::Drop)).collect(),
            fields,
            keep_extra_fields: Vec::new(),
            key: self.key.clone(),
            consent: Consent::Off,
        }
    }

    /// Whether the field is named as one to keep.
    fn keep_by_name(&self, field: &str) -> bool {
        self.fields.get(field) == Some(&Treatment::Keep)
    }
}
