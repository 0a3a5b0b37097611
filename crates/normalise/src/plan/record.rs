use std::{fmt, str::FromStr, sync::Arc};

use crate::plan::{kind::Kind, trie::NodeId};

/// One Avro record type and how its fields come about.
#[derive(Debug, Clone)]
pub struct RecordType {
    /// Name without namespace, such as `Subscribe`.
    pub name: String,
    /// Full name, such as `rokt.calendar.Subscribe`.
    pub full_name: String,
    /// Part of its default topic behind the prefix, such as `subscribe`.
    pub topic_suffix: String,
    /// The schema as JSON, with every `doc` and without kalends' own attributes.
    pub schema_json: String,
    /// The schema as indented text, for people.
    pub schema_text: String,
    /// CRC-64-AVRO (Rabin) fingerprint of the schema's Parsing Canonical Form.
    pub fingerprint: u64,
    /// The fields, in the order of the schema.
    pub fields: Arc<[Field]>,
    /// Names that the sender gives the event type; the first is the documented one.
    pub(crate) types: Vec<String>,
    pub(crate) reclassify: Vec<Reclassify>,
    /// By node of the trie: whether a field of this record reads the node or one below it.
    pub(crate) claimed: Vec<bool>,
    /// Fields without a class of personal data whose names speak for one, by index.
    pub(crate) unclassified: Vec<(usize, Personal)>,
    /// Fields that the key is taken from, in order of preference.
    pub(crate) key_fields: Vec<usize>,
}

impl RecordType {
    /// Names that the sender gives the event type, the documented one first; none for a type that no event names.
    #[must_use]
    pub fn event_types(&self) -> &[String] {
        &self.types
    }
}

/// One field of a record type.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name in the schema.
    pub name: String,
    /// True if it may be null.
    pub nullable: bool,
    /// Class of its personal data, if any.
    pub personal: Option<Personal>,
    pub(crate) kind: Kind,
    pub(crate) origin: Origin,
}

impl Field {
    /// True if it holds a whole part of the body as JSON text (`raw_json`), with whatever stands in it.
    #[must_use]
    pub const fn is_raw_json(&self) -> bool {
        matches!(self.origin, Origin::RawJson(_))
    }
}

/// An event of one type that says it is of another.
#[derive(Debug, Clone)]
pub(crate) struct Reclassify {
    /// Index of the record type that it really is.
    pub(crate) to: usize,
    /// Fields: when none of them has a value, the event is of that type.
    pub(crate) when_absent: Vec<NodeId>,
}

/// Source of a field's value.
#[derive(Debug, Clone)]
pub(crate) enum Origin {
    Meta(MetaField),
    DeadLetterField(DeadLetterField),
    EventType,
    ExtraFields,
    /// The text of the first of these that has a value.
    RawJson(Vec<NodeId>),
    /// The first of these that has a value, else what is derived.
    Body {
        from: Vec<NodeId>,
        derive: Option<Derive>,
    },
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum MetaField {
    Endpoint,
    ReceivedAt,
    JournalId,
    JournalShard,
    JournalPosition,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum DeadLetterField {
    Reason,
    Message,
    BodyBytes,
    Body,
    EventId,
    EventType,
}

/// Derivation of a field from earlier fields of its record, which are given by index.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Derive {
    UtcOfLocal { local: usize, iana: usize, windows: usize, not_before: Option<usize> },
    IanaOfWindows { windows: usize },
}

/// A kind of personal data, for rules about privacy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Personal {
    /// An e-mail address.
    Email,
    /// Another system's identifier of a person.
    ExternalId,
    /// An IP address.
    IpAddress,
    /// A browser's User-Agent text.
    UserAgent,
    /// A postal code.
    PostCode,
    /// Text that may hold anything.
    FreeText,
}

impl Personal {
    /// Every class.
    pub const ALL: [Self; 6] =
        [Self::Email, Self::ExternalId, Self::IpAddress, Self::UserAgent, Self::PostCode, Self::FreeText];

    /// The class's name in schemas and configuration, such as `ip_address`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::ExternalId => "external_id",
            Self::IpAddress => "ip_address",
            Self::UserAgent => "user_agent",
            Self::PostCode => "post_code",
            Self::FreeText => "free_text",
        }
    }
}

impl fmt::Display for Personal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Personal {
    type Err = String;

    /// Reads a class's name; the error lists the names there are.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|class| class.as_str() == text).ok_or_else(|| {
            let names = Self::ALL.map(Self::as_str).join(", ");
            format!("unknown class of personal data {text:?}: want one of {names}")
        })
    }
}
