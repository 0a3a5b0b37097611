/// A known oddity of the sender that was met and dealt with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Quirk {
    /// A comma stood before `}` or `]`.
    TrailingComma,
    /// The body began with a UTF-8 byte order mark.
    ByteOrderMark,
    /// A `\u` escape was half of a surrogate pair; it became U+FFFD.
    LoneSurrogate,
    /// A key was spelled in another case than documented.
    KeyCase,
    /// The event type was spelled in another case than documented.
    TypeCase,
    /// A field or an event type came under its second name.
    Alias,
    /// One object held a key more than once.
    DuplicateKey,
    /// The event is of another type than it says.
    Reclassified,
    /// A time zone is in no table, or a local time has none.
    UnknownZone,
    /// A value came in another JSON type and was converted exactly.
    Coerced,
    /// A value could not be read as its field's type; its original is in `extra_fields`.
    UnreadableValue,
    /// A calendar tag was no object, or lacked its identifier or text.
    OddTag,
    /// A field that the record does not have; it is in `extra_fields`.
    UnknownField,
}

impl Quirk {
    /// Every quirk.
    pub const ALL: [Self; 13] = [
        Self::TrailingComma,
        Self::ByteOrderMark,
        Self::LoneSurrogate,
        Self::KeyCase,
        Self::TypeCase,
        Self::Alias,
        Self::DuplicateKey,
        Self::Reclassified,
        Self::UnknownZone,
        Self::Coerced,
        Self::UnreadableValue,
        Self::OddTag,
        Self::UnknownField,
    ];

    /// The quirk's name in metrics and reports, such as `trailing-comma`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TrailingComma => "trailing-comma",
            Self::ByteOrderMark => "byte-order-mark",
            Self::LoneSurrogate => "lone-surrogate",
            Self::KeyCase => "key-case",
            Self::TypeCase => "type-case",
            Self::Alias => "alias",
            Self::DuplicateKey => "duplicate-key",
            Self::Reclassified => "reclassified",
            Self::UnknownZone => "unknown-zone",
            Self::Coerced => "coerced",
            Self::UnreadableValue => "unreadable-value",
            Self::OddTag => "odd-tag",
            Self::UnknownField => "unknown-field",
        }
    }
}

/// A quirk and where in the body it was met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuirkSeen {
    /// Kind of the deviation.
    pub quirk: Quirk,
    /// JSON Pointer in the sender's spelling; empty when it concerns the body as a whole.
    pub pointer: String,
}
