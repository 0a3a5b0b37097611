/// A schema file can't be used as a mapping.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// The file is not JSON, or a `kalends` attribute has another shape than documented.
    #[error("{source_name}: {source}; correct the file")]
    Json {
        /// The file.
        source_name: String,
        /// The fault, with line and column.
        source: serde_json::Error,
    },
    /// The file is not an Avro schema.
    #[error("{source_name}: not an Avro schema: {message}")]
    Avro {
        /// The file.
        source_name: String,
        /// The Avro reader's words.
        message: String,
    },
    /// A record as a whole is at fault.
    #[error("{source_name}: {problem}")]
    Record {
        /// The file.
        source_name: String,
        /// The fault and its remedy.
        problem: String,
    },
    /// One field is at fault.
    #[error("{source_name}: field `{field}`: {problem}")]
    Field {
        /// The file.
        source_name: String,
        /// The field's name.
        field: String,
        /// The fault and its remedy.
        problem: String,
    },
}

impl CompileError {
    /// The [`Source::name`](crate::Source::name) of the file that is at fault.
    #[must_use]
    pub fn source_name(&self) -> &str {
        match self {
            Self::Json { source_name, .. }
            | Self::Avro { source_name, .. }
            | Self::Record { source_name, .. }
            | Self::Field { source_name, .. } => source_name,
        }
    }

    pub(crate) fn record(source_name: &str, problem: impl Into<String>) -> Self {
        Self::Record { source_name: source_name.to_owned(), problem: problem.into() }
    }

    pub(crate) fn field(source_name: &str, field: &str, problem: impl Into<String>) -> Self {
        Self::Field { source_name: source_name.to_owned(), field: field.to_owned(), problem: problem.into() }
    }
}
