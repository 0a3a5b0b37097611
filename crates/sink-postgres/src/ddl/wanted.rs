use kalends_sink::FieldType;

use crate::{
    Settings,
    state::{Layout, TABLE, View, views},
    table::{KEY, SqlType, Table},
};

/// What there should be.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) schema: String,
    pub(crate) tables: Vec<WantedTable>,
    pub(crate) views: Vec<View>,
}

/// A table that there should be.
#[derive(Debug, Clone)]
pub(crate) struct WantedTable {
    pub(crate) name: String,
    pub(crate) doc: String,
    pub(crate) columns: Vec<WantedColumn>,
    pub(crate) key: Vec<&'static str>,
}

/// A column that there should be.
#[derive(Debug, Clone)]
pub(crate) struct WantedColumn {
    pub(crate) name: String,
    pub(crate) sql: &'static str,
    pub(crate) doc: String,
}

const CHECKPOINTS: [(&str, SqlType, &str); 10] = [
    ("journal_id", SqlType::Text, "The journal that the sink reads."),
    ("journal_shard", SqlType::Integer, "Shard of that journal."),
    ("sink", SqlType::Text, "The sink's name in the configuration."),
    (
        "position",
        SqlType::BigInt,
        "The last position whose record is in the tables, or was passed over; null before the first commit.",
    ),
    (
        "chain",
        SqlType::BigInt,
        "Chained checksum of that position, which names one history; its 64 bits as a signed number.",
    ),
    (
        "highest",
        SqlType::BigInt,
        "The highest position that there ever was: rows at or below it may stand in the tables already.",
    ),
    ("epoch", SqlType::BigInt, "Counts the claims: only who made the latest may commit."),
    ("instance", SqlType::Text, "Who made it: a number that is new with each start."),
    ("host", SqlType::Text, "The machine of that one."),
    (
        "changed_at",
        SqlType::Timestamptz,
        "When the row was last claimed or committed, by the server's clock.",
    ),
];

impl Wanted {
    pub(crate) fn new(settings: &Settings, tables: &[Table], layout: Option<&Layout>) -> Self {
        let mut wanted: Vec<WantedTable> = tables.iter().map(of_records).collect();
        wanted.push(WantedTable {
            name: "checkpoints".to_owned(),
            doc: "How far each sink has got in which journal. Moves with the rows, in the same transaction."
                .to_owned(),
            columns: CHECKPOINTS.map(|(name, sql, doc)| column(name, sql, doc)).to_vec(),
            key: vec!["journal_id", "journal_shard", "sink"],
        });
        wanted.extend(layout.map(of_state));
        let views = layout.map(|layout| views(&settings.schema, layout, settings.marketing));
        Self { schema: settings.schema.clone(), tables: wanted, views: views.unwrap_or_default() }
    }
}

fn column(name: &str, sql: SqlType, doc: &str) -> WantedColumn {
    WantedColumn { name: name.to_owned(), sql: sql.sql(), doc: doc.to_owned() }
}

fn of_records(table: &Table) -> WantedTable {
    let fields = table.plan.fields().iter().zip(&table.types);
    let columns = fields.map(|(field, sql)| {
        let mut doc = field.doc.clone().unwrap_or_default();
        if let FieldType::Instant(_) = field.kind {
            doc = doc.replace(": an instant, UTC, in the unit of the logical type", "");
        }
        column(&field.name, *sql, &doc)
    });
    WantedTable {
        name: table.name.clone(),
        doc: table.plan.doc().unwrap_or_default().to_owned(),
        columns: columns.collect(),
        key: KEY.to_vec(),
    }
}

fn of_state(layout: &Layout) -> WantedTable {
    WantedTable {
        name: TABLE.to_owned(),
        doc: "What is known of each subscription now, whatever order its events came in. Read it by the view subscriptions.".to_owned(),
        columns: layout.columns().map(|(name, sql, doc)| column(name, sql, doc)).collect(),
        key: vec!["calendar_subscription_id"],
    }
}
