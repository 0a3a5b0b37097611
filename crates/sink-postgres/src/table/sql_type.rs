use kalends_sink::{Field, FieldType};
use tokio_postgres::types::Type;

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SqlType {
    Boolean,
    Integer,
    BigInt,
    Double,
    Timestamptz,
    Text,
    Json,
    Bytea,
    TextArray,
}

/// Fields that hold JSON as text.
const JSON_FIELDS: [&str; 2] = ["extra_fields", "event_details"];

impl SqlType {
    /// The type for a field's values.
    pub(crate) fn of(field: &Field) -> Self {
        match field.kind {
            FieldType::Boolean => Self::Boolean,
            FieldType::Int => Self::Integer,
            FieldType::Long => Self::BigInt,
            FieldType::Double => Self::Double,
            FieldType::Instant(_) => Self::Timestamptz,
            FieldType::Text if JSON_FIELDS.contains(&field.name.as_str()) => Self::Json,
            FieldType::Text => Self::Text,
            FieldType::Bytes => Self::Bytea,
            FieldType::Texts => Self::TextArray,
        }
    }

    /// The type's name in SQL.
    pub(crate) fn sql(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::BigInt => "bigint",
            Self::Double => "double precision",
            Self::Timestamptz => "timestamptz",
            Self::Text => "text",
            Self::Json => "json",
            Self::Bytea => "bytea",
            Self::TextArray => "text[]",
        }
    }

    /// The array that a column's values are sent as. Lists of texts are sent as their literals, since `unnest` would
    /// flatten an array of arrays.
    pub(crate) fn array(self) -> Type {
        match self {
            Self::Boolean => Type::BOOL_ARRAY,
            Self::Integer => Type::INT4_ARRAY,
            Self::BigInt => Type::INT8_ARRAY,
            Self::Double => Type::FLOAT8_ARRAY,
            Self::Timestamptz => Type::TIMESTAMPTZ_ARRAY,
            Self::Text | Self::TextArray => Type::TEXT_ARRAY,
            Self::Json => Type::JSON_ARRAY,
            Self::Bytea => Type::BYTEA_ARRAY,
        }
    }

    /// The type of that array's elements.
    pub(crate) fn element(self) -> Type {
        match self {
            Self::Boolean => Type::BOOL,
            Self::Integer => Type::INT4,
            Self::BigInt => Type::INT8,
            Self::Double => Type::FLOAT8,
            Self::Timestamptz => Type::TIMESTAMPTZ,
            Self::Text | Self::TextArray => Type::TEXT,
            Self::Json => Type::JSON,
            Self::Bytea => Type::BYTEA,
        }
    }
}
