/// The bytes are no datum of the schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// The datum ends within a value.
    #[error("the datum ends within field {field}")]
    Ends {
        /// The field's name.
        field: String,
    },

    /// A value is not one of its field's type.
    #[error("field {field} is not {expected}")]
    Malformed {
        /// The field's name.
        field: String,
        /// The shape that the field's type wants.
        expected: &'static str,
    },

    /// The datum goes on behind its last field.
    #[error("the datum has {bytes} bytes behind its last field")]
    LeftOver {
        /// How many bytes.
        bytes: usize,
    },

    /// The schema has no field with this index.
    #[error("the record has no field {index}")]
    NoSuchField {
        /// The index asked for.
        index: usize,
    },
}

/// The schema is not one whose records can be read as rows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowSchemaError {
    /// The schema is no JSON.
    #[error("the schema is not JSON: {message}")]
    NotJson {
        /// Where and why.
        message: String,
    },

    /// The schema is no record with fields.
    #[error("the schema is not a record whose fields have names")]
    NotARecord,

    /// A field has a type that rows don't know.
    #[error(
        "field {field} has a type that rows don't know; they know boolean, int, long, double, string, bytes, timestamp-millis, \
         timestamp-micros and arrays of string, each alone or in a union behind null"
    )]
    UnknownType {
        /// The field's name.
        field: String,
    },
}
