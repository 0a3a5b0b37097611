//! The statement that one record comes to, for people.

use std::fmt::Write as _;

use kalends_sink::{Explanation, FieldValue, Record, RowBuffer, Stream};

use super::PostgresSettings;
use crate::{
    name::{Literal, Qualified, Quoted},
    table::{Counted, SqlType, Table, array_literal, json_text, without_nul},
};

/// Table and statement of one record. The sink sends many rows with one statement; the row is the same.
pub(super) fn explain(settings: &PostgresSettings, stream: &Stream, record: &Record<'_>) -> Explanation {
    let table = Qualified(&settings.schema, &stream.topic).to_string();
    let written = match statement(&table, stream, record) {
        Ok(statement) => vec![("table", table), ("statement", statement)],
        Err(error) => vec![("table", table), ("refused", error)],
    };
    Explanation { headers: Vec::new(), written }
}

fn statement(target: &str, stream: &Stream, record: &Record<'_>) -> Result<String, String> {
    let table = Table::new(stream).map_err(|error| error.to_string())?;
    let mut buffer = RowBuffer::default();
    let row = buffer.read(&table.plan, record.datum).map_err(|error| error.to_string())?;
    let columns: Vec<String> = table.columns().map(|name| Quoted(name).to_string()).collect();
    let mut values = Vec::with_capacity(columns.len());
    for (value, sql) in row.values().zip(&table.types) {
        values.push(literal(&value.map_err(|error| error.to_string())?, *sql));
    }
    Ok(format!("INSERT INTO {target} ({}) VALUES ({})", columns.join(", "), values.join(", ")))
}

/// A value as the column gets it.
fn literal(value: &FieldValue<'_>, sql: SqlType) -> String {
    let counted = &mut Counted::default();
    match value {
        FieldValue::Null => "NULL".to_owned(),
        FieldValue::Boolean(value) => value.to_string(),
        FieldValue::Int(value) => value.to_string(),
        FieldValue::Long(value) => value.to_string(),
        FieldValue::Double(value) => format!("'{value}'"),
        FieldValue::Instant(instant) => instant.micros().map_or_else(
            || "NULL".to_owned(),
            |micros| format!("timestamptz 'epoch' + interval '{micros} us'"),
        ),
        FieldValue::Text(text) if sql == SqlType::Json => {
            Literal(&json_text::clean(text, counted)).to_string()
        }
        FieldValue::Text(text) => Literal(&without_nul(text, counted)).to_string(),
        FieldValue::Bytes(bytes) => {
            let mut digits = String::with_capacity(bytes.len() * 2 + 12);
            for byte in *bytes {
                // Writing to a string can't fail.
                write!(digits, "{byte:02x}").ok();
            }
            format!("decode('{digits}', 'hex')")
        }
        FieldValue::Texts(texts) => Literal(&array_literal(*texts, counted)).to_string(),
    }
}
