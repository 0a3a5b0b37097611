use serde_json::Value as Json;

use super::RowSchemaError;

/// How the datums of one schema are read as rows: parsed once, from the schema's JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowPlan {
    doc: Option<String>,
    fields: Vec<Field>,
}

/// A field of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The field's name.
    pub name: String,
    /// The schema's words about it.
    pub doc: Option<String>,
    /// The type of its values that are not null.
    pub kind: FieldType,
    /// Whether its values may be null.
    pub nullable: bool,
}

/// The type of a field, without its union with null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldType {
    /// True or false.
    Boolean,
    /// A whole number of 32 bits.
    Int,
    /// A whole number of 64 bits.
    Long,
    /// A floating point number of 64 bits.
    Double,
    /// An instant, counted in this unit since the Unix epoch.
    Instant(TimeUnit),
    /// Text.
    Text,
    /// Bytes.
    Bytes,
    /// A list of texts.
    Texts,
}

/// The unit of an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeUnit {
    /// Milliseconds.
    Millis,
    /// Microseconds.
    Micros,
}

impl RowPlan {
    /// Reads an Avro schema.
    ///
    /// # Errors
    /// [`RowSchemaError`] when it is no flat record, or has a field of a type that rows don't know.
    pub fn parse(schema: &str) -> Result<Self, RowSchemaError> {
        let schema: Json = serde_json::from_str(schema)
            .map_err(|error| RowSchemaError::NotJson { message: error.to_string() })?;
        let fields = schema.get("fields").and_then(Json::as_array).ok_or(RowSchemaError::NotARecord)?;
        let fields = fields.iter().map(field).collect::<Result<_, _>>()?;
        Ok(Self { doc: doc(&schema), fields })
    }

    /// The schema's words about the record.
    #[must_use]
    pub fn doc(&self) -> Option<&str> {
        self.doc.as_deref()
    }

    /// The fields, in the schema's order.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The index of the field with this name.
    #[must_use]
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }
}

fn doc(schema: &Json) -> Option<String> {
    schema.get("doc").and_then(Json::as_str).map(str::to_owned)
}

fn field(schema: &Json) -> Result<Field, RowSchemaError> {
    let name = schema.get("name").and_then(Json::as_str).ok_or(RowSchemaError::NotARecord)?.to_owned();
    let unknown = || RowSchemaError::UnknownType { field: name.clone() };
    let (kind, nullable) = schema.get("type").and_then(union).ok_or_else(unknown)?;
    Ok(Field { name, doc: doc(schema), kind, nullable })
}

fn union(schema: &Json) -> Option<(FieldType, bool)> {
    match schema.as_array().map(Vec::as_slice) {
        Some([null, branch]) if null == "null" => Some((branch_type(branch)?, true)),
        Some(_) => None,
        None => Some((branch_type(schema)?, false)),
    }
}

fn branch_type(schema: &Json) -> Option<FieldType> {
    let text = |key: &str| schema.get(key).and_then(Json::as_str);
    match (schema.as_str().or_else(|| text("type"))?, text("logicalType"), text("items")) {
        ("boolean", None, None) => Some(FieldType::Boolean),
        ("int", None, None) => Some(FieldType::Int),
        ("long", None, None) => Some(FieldType::Long),
        ("double", None, None) => Some(FieldType::Double),
        ("string", None, None) => Some(FieldType::Text),
        ("bytes", None, None) => Some(FieldType::Bytes),
        ("long", Some("timestamp-millis"), None) => Some(FieldType::Instant(TimeUnit::Millis)),
        ("long", Some("timestamp-micros"), None) => Some(FieldType::Instant(TimeUnit::Micros)),
        ("array", None, Some("string")) => Some(FieldType::Texts),
        _ => None,
    }
}
