//! Statements that add something.

use super::{
    migrate::Step,
    wanted::{WantedColumn, WantedTable},
};
use crate::{
    name::{Literal, Qualified, Quoted},
    state::View,
};

pub(super) fn create_schema(schema: &str) -> Step {
    Step::new(format!("schema {schema}"), vec![format!("CREATE SCHEMA IF NOT EXISTS {}", Quoted(schema))])
}

/// A new table with its comments: nobody waits for a table that nobody knows yet.
pub(super) fn create_table(schema: &str, table: &WantedTable) -> Step {
    let name = Qualified(schema, &table.name);
    let columns: Vec<String> =
        table.columns.iter().map(|column| format!("    {} {}", Quoted(&column.name), column.sql)).collect();
    let create = format!(
        "CREATE TABLE IF NOT EXISTS {name} (\n{},\n    PRIMARY KEY ({})\n)",
        columns.join(",\n"),
        table.key.join(", ")
    );
    let mut statements = vec![create];
    statements.extend(comment("TABLE", &name.to_string(), &table.doc));
    statements
        .extend(table.columns.iter().filter_map(|column| comment_on_column(schema, &table.name, column)));
    Step::new(format!("table {}.{}", schema, table.name), statements)
}

pub(super) fn add_column(schema: &str, table: &str, column: &WantedColumn) -> Step {
    let add = format!(
        "ALTER TABLE {} ADD COLUMN IF NOT EXISTS {} {}",
        Qualified(schema, table),
        Quoted(&column.name),
        column.sql
    );
    let statements = std::iter::once(add).chain(comment_on_column(schema, table, column)).collect();
    Step::new(format!("column {}.{table}.{}", schema, column.name), statements)
}

/// A view with these columns, in this order.
pub(super) fn create_view(schema: &str, view: &View, columns: &[&(String, String)], replace: bool) -> Step {
    let columns: Vec<String> =
        columns.iter().map(|(name, expression)| format!("{expression} AS {}", Quoted(name))).collect();
    let verb = if replace { "CREATE OR REPLACE VIEW" } else { "CREATE VIEW" };
    let name = Qualified(schema, view.name);
    let create = format!("{verb} {name} AS SELECT {} FROM {}", columns.join(", "), view.from);
    let mut statements = vec![create];
    statements.extend(comment("VIEW", &name.to_string(), view.doc));
    Step { view: Some(view.name), ..Step::new(format!("view {schema}.{}", view.name), statements) }
}

fn comment_on_column(schema: &str, table: &str, column: &WantedColumn) -> Option<String> {
    comment("COLUMN", &format!("{}.{}", Qualified(schema, table), Quoted(&column.name)), &column.doc)
}

fn comment(kind: &str, name: &str, doc: &str) -> Option<String> {
    (!doc.is_empty()).then(|| format!("COMMENT ON {kind} {name} IS {}", Literal(doc)))
}
