//! The state made from the tables.

use kalends_sink::{RowSchemaError, Stream};

use super::{
    Layout,
    id::normal_sql,
    layout::HEAD,
    letter::{is_unsubscribe_sql, subscription_id_sql},
    times::latest_sql,
    upsert::{into, join},
};
use crate::{
    Settings,
    name::{Qualified, Quoted},
    table::Table,
};

/// The statement that makes the state from the tables: for a sink that kept none so far, or after rows were put back. It
/// joins with what stands there, so that it may run beside delivery. `None` when no stream speaks of subscriptions.
///
/// # Errors
/// [`RowSchemaError`] when a schema has a field that no column can hold.
pub fn rebuild(settings: &Settings, streams: &[Stream]) -> Result<Option<String>, RowSchemaError> {
    let tables = streams.iter().map(Table::new);
    let tables = tables.collect::<Result<Vec<_>, _>>()?;
    Ok(Layout::new(&tables).map(|layout| rebuild_statement(&settings.schema, &tables, &layout)))
}

fn rebuild_statement(schema: &str, tables: &[Table], layout: &Layout) -> String {
    let events: Vec<String> = tables.iter().filter_map(|table| events(schema, table, layout)).collect();
    let (mut times, mut details) = (Vec::new(), Vec::new());
    for (index, (name, _, _)) in layout.columns().enumerate() {
        match index {
            0 => {}
            1..=4 => times.push(format!("max({name}) AS {name}")),
            _ => details.push(Quoted(name).to_string()),
        }
    }
    let [(id, _, _), ..] = HEAD;
    let names: Vec<String> = layout.columns().map(|(name, _, _)| Quoted(name).to_string()).collect();
    format!(
        "WITH events AS ({events}),\ntimes AS (SELECT {id}, {times} FROM events WHERE {id} IS NOT NULL GROUP BY {id}),\n\
         details AS (SELECT DISTINCT ON ({id}) {id}, {details} FROM events WHERE {id} IS NOT NULL AND details_at IS NOT NULL \
         ORDER BY {id}, details_at DESC, details_from_update DESC, details_journal_id COLLATE \"C\" DESC, details_journal_shard DESC, \
         details_journal_position DESC)\n{into} SELECT {names} FROM times LEFT JOIN details USING ({id}) \
         ORDER BY {id} COLLATE \"C\"\n{join}",
        events = events.join("\nUNION ALL "),
        times = times.join(", "),
        details = details.join(", "),
        into = into(schema, layout),
        names = names.join(", "),
        join = join(layout),
    )
}

/// What the records of one table say of subscriptions, as rows of the state.
fn events(schema: &str, table: &Table, layout: &Layout) -> Option<String> {
    let has = |name: &str| table.plan.index_of(name).is_some();
    let present = |names: &[&'static str]| names.iter().copied().filter(|name| has(name)).collect::<Vec<_>>();
    let time = |names: &[&'static str]| match present(names).as_slice() {
        [] => "received_at".to_owned(),
        columns => latest_sql(columns),
    };
    let own_id = || normal_sql("calendar_subscription_id");
    let null = "NULL::timestamptz".to_owned();
    let (id, subscribed, unsubscribed, at, from_update, filter) = match table.record.as_str() {
        "Subscribe" => {
            let at = time(&["created_date_time_utc", "confirmation_date_time_utc"]);
            (own_id(), at.clone(), null, Some(at), "false", String::new())
        }
        "SubscriptionDetailsUpdated" => {
            let at = format!("greatest(received_at, {})", time(&["created_date_time_utc"]));
            (own_id(), null.clone(), null, Some(at), "true", String::new())
        }
        "Unsubscribe" => (own_id(), null, time(&["removed_date_time_utc"]), None, "", String::new()),
        "DeadLetter" if has("body") && has("event_type") => {
            let of_unsubscribe = format!(" WHERE {}", is_unsubscribe_sql());
            (normal_sql(&subscription_id_sql()), null, "received_at".to_owned(), None, "", of_unsubscribe)
        }
        _ => return None,
    };
    let received = if table.record == "Subscribe" { "received_at" } else { "NULL::timestamptz" };
    let denied = match (&at, has("is_marketing_allowed")) {
        (None, _) => "NULL::timestamptz".to_owned(),
        (Some(at), true) => format!("CASE WHEN is_marketing_allowed IS NOT TRUE THEN {at} END"),
        (Some(at), false) => at.clone(),
    };
    let head = [id, subscribed, received.to_owned(), unsubscribed, denied];
    let details = HEAD.iter().skip(5).zip([
        at.as_deref().unwrap_or_default(),
        from_update,
        "journal_id",
        "journal_shard",
        "journal_position",
    ]);
    let details = details.map(|((name, sql, _), expression)| match at {
        Some(_) => format!("{expression} AS {name}"),
        None => format!("NULL::{} AS {name}", sql.sql()),
    });
    let of_subscriber = layout.details.iter().map(|detail| match at {
        Some(_) => Quoted(&detail.name).to_string(),
        None => format!("NULL::{} AS {}", detail.sql.sql(), Quoted(&detail.name)),
    });
    let head = head.into_iter().zip(HEAD).map(|(expression, (name, _, _))| format!("{expression} AS {name}"));
    let columns: Vec<String> = head.chain(details).chain(of_subscriber).collect();
    Some(format!("SELECT {} FROM {}{filter}", columns.join(", "), Qualified(schema, &table.name)))
}
