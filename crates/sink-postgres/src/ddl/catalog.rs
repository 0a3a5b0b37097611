use std::collections::BTreeMap;

use tokio_postgres::types::Type;

use crate::{
    connection::{Connection, typed},
    table::KEY,
    trouble::Trouble,
};

/// What there is in the schema.
#[derive(Debug, Clone, Default)]
pub(crate) struct Catalog {
    pub(crate) has_schema: bool,
    pub(crate) relations: BTreeMap<String, Relation>,
    /// The columns of every unique index that a row can be told by, by table.
    pub(crate) keys: BTreeMap<String, Vec<Vec<String>>>,
}

/// A table or a view.
#[derive(Debug, Clone, Default)]
pub(crate) struct Relation {
    pub(crate) columns: Vec<String>,
    /// Of a view: a digest of its definition, and its comment.
    pub(crate) definition: Option<String>,
    pub(crate) comment: Option<String>,
}

const RELATIONS: &str = "\
    SELECT c.relname::text, array_agg(a.attname::text ORDER BY a.attnum), \
           CASE WHEN c.relkind = 'v' THEN md5(pg_get_viewdef(c.oid)) END, obj_description(c.oid, 'pg_class') \
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid \
    WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'f', 'v', 'm') AND a.attnum > 0 AND NOT a.attisdropped \
    GROUP BY c.oid, c.relname, c.relkind";

const KEYS: &str = "\
    SELECT t.relname::text, (SELECT array_agg(a.attname::text ORDER BY k.place) \
           FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, place) \
           JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number WHERE k.place <= i.indnkeyatts) \
    FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace \
    WHERE n.nspname = $1 AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL \
    ORDER BY i.indnkeyatts, i.indexrelid";

impl Catalog {
    /// Reads what the schema has.
    ///
    /// # Errors
    /// Any [`Trouble`].
    pub(crate) async fn read(connection: &Connection, schema: &str) -> Result<Self, Trouble> {
        let name = || [typed(&schema, Type::TEXT)];
        let found = connection.query("SELECT 1 FROM pg_namespace WHERE nspname = $1", &name()).await?;
        let mut catalog = Self { has_schema: !found.is_empty(), ..Self::default() };
        for row in connection.query(RELATIONS, &name()).await? {
            let relation = Relation { columns: row.get(1), definition: row.get(2), comment: row.get(3) };
            catalog.relations.insert(row.get(0), relation);
        }
        for row in connection.query(KEYS, &name()).await? {
            let columns: Option<Vec<String>> = row.get(1);
            catalog.keys.entry(row.get(0)).or_default().extend(columns);
        }
        Ok(catalog)
    }

    /// The columns of the shortest unique index of a table that has the key of its rows in it. Where somebody partitions a
    /// table, its unique indexes must have the partition's column too.
    ///
    /// # Errors
    /// [`Trouble::Hold`] when there is none.
    pub(crate) fn row_key(&self, schema: &str, table: &str) -> Result<Vec<String>, Trouble> {
        let keys = self.keys.get(table).map(Vec::as_slice).unwrap_or_default();
        keys.iter().find(|columns| has_key(columns)).cloned().ok_or_else(|| {
            Trouble::hold(format!(
                "table {schema}.{table} has no unique index on ({}), so that nothing keeps a row from standing there twice: \
                 create one",
                KEY.join(", ")
            ))
        })
    }
}

fn has_key(columns: &[String]) -> bool {
    KEY.iter().all(|key| columns.iter().any(|column| column == key))
}

/// Whether a constraint that was violated is the key of a table's rows: its unique index has the key's columns.
///
/// # Errors
/// Any [`Trouble`].
pub(crate) async fn key_of(connection: &Connection, schema: &str, index: &str) -> Result<bool, Trouble> {
    const COLUMNS: &str = "\
        SELECT coalesce(array_agg(a.attname::text), '{}') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
        JOIN pg_attribute a ON a.attrelid = c.oid WHERE n.nspname = $1 AND c.relname = $2";
    let rows = connection.query(COLUMNS, &[(&schema, Type::TEXT), (&index, Type::TEXT)]).await?;
    Ok(rows.iter().any(|row| has_key(&row.get::<_, Vec<String>>(0))))
}
