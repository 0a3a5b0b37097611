//! The rule by which a sender's time counts, in SQL.

/// [`kalends_sink::latest_time`] as an SQL expression over columns of a table of records.
pub(super) fn latest_sql(columns: &[&str]) -> String {
    let trusted = columns.iter().map(|column| {
        format!(
            "CASE WHEN {column} < '2000-01-01T00:00:00Z'::timestamptz OR {column} > received_at + interval '24 hours' \
             THEN received_at ELSE {column} END"
        )
    });
    let all: Vec<String> = trusted.collect();
    format!("coalesce(greatest({}), received_at)", all.join(", "))
}
