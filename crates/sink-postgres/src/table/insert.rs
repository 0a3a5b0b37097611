use super::{SqlType, Table};
use crate::name::{Qualified, Quoted};

/// The statement that inserts rows given as one array a column. With `key`, rows whose key stands there already are
/// passed over; it is the columns of the unique index that tells.
pub(crate) fn insert(schema: &str, table: &Table, key: Option<&[String]>) -> String {
    let names: Vec<String> = table.columns().map(|name| Quoted(name).to_string()).collect();
    let names = names.join(", ");
    let target = Qualified(schema, &table.name);
    let source = source(&table.types);
    let conflict = key.map(|key| {
        let key: Vec<String> = key.iter().map(|name| Quoted(name).to_string()).collect();
        format!(" ON CONFLICT ({}) DO NOTHING", key.join(", "))
    });
    format!("INSERT INTO {target} ({names}) {source}{}", conflict.unwrap_or_default())
}

/// `SELECT` of one array parameter a column, as rows.
pub(crate) fn source(types: &[SqlType]) -> String {
    let mut values = Vec::with_capacity(types.len());
    let mut arrays = Vec::with_capacity(types.len());
    let mut aliases = Vec::with_capacity(types.len());
    for (index, sql) in types.iter().enumerate() {
        let cast = if *sql == SqlType::TextArray { "::text[]" } else { "" };
        values.push(format!("c{index}{cast}"));
        arrays.push(format!("${}", index + 1));
        aliases.push(format!("c{index}"));
    }
    format!("SELECT {} FROM unnest({}) AS u({})", values.join(", "), arrays.join(", "), aliases.join(", "))
}
