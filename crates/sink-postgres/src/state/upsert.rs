//! Two states of a subscription joined by PostgreSQL.

use super::{Layout, TABLE, layout::HEAD};
use crate::{
    name::{Qualified, Quoted},
    table::{SqlType, source},
};

/// Columns that the greater value wins, each by itself.
const TIMES: [&str; 4] = ["subscribed_at", "subscribe_received_at", "unsubscribed_at", "marketing_denied_at"];

/// Columns that order details by age, the most important first.
const VERSION: [&str; 5] = [
    "details_at",
    "details_from_update",
    "details_journal_id",
    "details_journal_shard",
    "details_journal_position",
];

/// The types of the statement's parameters.
pub(super) fn types(layout: &Layout) -> Vec<SqlType> {
    layout.columns().map(|(_, sql, _)| sql).collect()
}

/// The statement that joins rows, given as one array a column, with those that stand there.
pub(crate) fn upsert(schema: &str, layout: &Layout) -> String {
    format!("{} {} {}", into(schema, layout), source(&types(layout)), join(layout))
}

/// `INSERT INTO` the state's columns.
pub(super) fn into(schema: &str, layout: &Layout) -> String {
    let names: Vec<String> = layout.columns().map(|(name, _, _)| Quoted(name).to_string()).collect();
    format!("INSERT INTO {} AS s ({})", Qualified(schema, TABLE), names.join(", "))
}

/// `ON CONFLICT`: the greater of each part. What changes nothing writes nothing.
pub(super) fn join(layout: &Layout) -> String {
    let ordered = |of: &str| {
        let columns = VERSION.map(|column| {
            let collation = if column == "details_journal_id" { " COLLATE \"C\"" } else { "" };
            format!("{of}.{column}{collation}")
        });
        columns.join(", ")
    };
    let newer = format!(
        "(EXCLUDED.details_at IS NOT NULL AND (s.details_at IS NULL OR ({}) > ({})))",
        ordered("EXCLUDED"),
        ordered("s")
    );
    let greatest = |column: &str| format!("greatest(s.{column}, EXCLUDED.{column})");
    let times = TIMES.map(|column| format!("{column} = {}", greatest(column)));
    let details = layout.details.iter().map(|detail| Quoted(&detail.name).to_string());
    let details = VERSION
        .iter()
        .map(|name| (*name).to_owned())
        .chain(details)
        .map(|name| format!("{name} = CASE WHEN {newer} THEN EXCLUDED.{name} ELSE s.{name} END"));
    let set: Vec<String> = times.into_iter().chain(details).collect();
    let joined = TIMES.map(greatest).join(", ");
    let before = TIMES.map(|column| format!("s.{column}")).join(", ");
    let [(id, _, _), ..] = HEAD;
    format!(
        "ON CONFLICT ({id}) DO UPDATE SET {} WHERE {newer} OR ({joined}) IS DISTINCT FROM ({before})",
        set.join(", ")
    )
}
