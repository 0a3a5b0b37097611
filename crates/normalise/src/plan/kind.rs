use serde_json::Value as Json;

/// The type of a field, without its union with null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    /// A local date and time: `string` in the schema, read as a time.
    LocalTime,
    Boolean,
    Int,
    Long,
    Double,
    Instant,
    Texts,
    Bytes,
}

impl Kind {
    /// Reads a field's type as it stands in a schema: the kind, and whether it is in a union with null.
    pub(crate) fn of_schema(schema: &Json) -> Option<(Self, bool)> {
        match schema {
            Json::Array(branches) => match branches.as_slice() {
                [null, branch] if null == "null" => Self::of_branch(branch).map(|kind| (kind, true)),
                _ => None,
            },
            branch => Self::of_branch(branch).map(|kind| (kind, false)),
        }
    }

    fn of_branch(branch: &Json) -> Option<Self> {
        if let Some(object) = branch.as_object() {
            let text = |key: &str| object.get(key).and_then(Json::as_str);
            return match (text("type")?, text("logicalType"), text("items")) {
                ("long", Some("timestamp-millis"), None) => Some(Self::Instant),
                ("array", None, Some("string")) => Some(Self::Texts),
                _ => None,
            };
        }
        match branch.as_str()? {
            "string" => Some(Self::Text),
            "boolean" => Some(Self::Boolean),
            "int" => Some(Self::Int),
            "long" => Some(Self::Long),
            "double" => Some(Self::Double),
            "bytes" => Some(Self::Bytes),
            _ => None,
        }
    }
}
