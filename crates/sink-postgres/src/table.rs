//! Tables of records: what columns they have, and rows gathered for one statement.

mod cell;
mod column;
mod insert;
pub(crate) mod json_text;
mod rows;
mod sql_type;

use kalends_sink::{RowPlan, RowSchemaError, Stream};

pub(crate) use cell::{Cells, Counted, array_literal, without_nul};
pub(crate) use column::Column;
pub(crate) use insert::{insert, source};
pub(crate) use rows::Rows;
pub(crate) use sql_type::SqlType;

/// The columns that name a row: where its record stands in which journal.
pub(crate) const KEY: [&str; 3] = ["journal_id", "journal_shard", "journal_position"];

/// The table of one stream.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    /// The table's name, without its schema.
    pub(crate) name: String,
    /// The record's type, such as `Subscribe`.
    pub(crate) record: String,
    /// How its records are read.
    pub(crate) plan: RowPlan,
    /// The type of each field's column.
    pub(crate) types: Vec<SqlType>,
}

impl Table {
    /// The table for a stream's records: the stream's topic is its name.
    ///
    /// # Errors
    /// The schema has a field that no column can hold.
    pub(crate) fn new(stream: &Stream) -> Result<Self, RowSchemaError> {
        let plan = RowPlan::parse(&stream.schema.json)?;
        let types = plan.fields().iter().map(SqlType::of).collect();
        let name = stream.topic.to_string();
        Ok(Self { name, record: stream.schema.name.clone(), plan, types })
    }

    /// Whether it has what could not become a row.
    pub(crate) fn is_of_dead_letters(&self) -> bool {
        self.record == "DeadLetter"
    }

    /// The names of the columns, in the schema's order.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &str> {
        self.plan.fields().iter().map(|field| field.name.as_str())
    }
}
