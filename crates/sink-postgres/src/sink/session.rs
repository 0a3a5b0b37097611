use kalends_sink::Stream;

use crate::{
    Settings,
    claim::Owner,
    commit::Batch,
    connection::Connection,
    ddl::{Catalog, Migration, Wanted},
    state::{Layout, Source, sources},
    table::Table,
    trouble::Trouble,
};

/// The oldest server that has all that is used here.
const OLDEST: i32 = 120_000;

/// The state of one connection.
pub(super) struct Session {
    pub(super) connection: Connection,
    pub(super) owner: Owner,
    /// The epoch of its claim.
    pub(super) epoch: i64,
    /// The highest position ever committed: rows at or below it may stand in the tables already.
    pub(super) highest: u64,
    /// One for each stream.
    pub(super) batches: Vec<Batch>,
    pub(super) state: Option<(Layout, Vec<Option<Source>>)>,
}

impl Session {
    pub(super) fn committed(&mut self, position: u64) {
        self.highest = self.highest.max(position);
        self.batches.iter_mut().for_each(Batch::clear);
    }
}

type Prepared = (Vec<Batch>, Option<(Layout, Vec<Option<Source>>)>);

/// Looks at the server and its schema, and makes what is missing.
pub(super) async fn prepare(
    settings: &Settings,
    migration: &mut Migration,
    connection: &Connection,
    streams: &[Stream],
) -> Result<Prepared, Trouble> {
    serves(connection).await?;
    let tables = tables(streams)?;
    let layout = settings.subscriptions.then(|| Layout::new(&tables)).flatten();
    let wanted = Wanted::new(settings, &tables, layout.as_ref());
    let mut found = Catalog::read(connection, &settings.schema).await?;
    if migration.run(connection, &wanted, &found, settings.migrate, settings.lock_timeout).await? {
        found = Catalog::read(connection, &settings.schema).await?;
    }
    let state = layout.map(|layout| {
        let sources = sources(&tables, &layout);
        (layout, sources)
    });
    let keyed = tables.into_iter().map(|table| {
        let key = found.row_key(&settings.schema, &table.name)?;
        Ok(Batch::new(table, key))
    });
    Ok((keyed.collect::<Result<_, Trouble>>()?, state))
}

/// The version of the server.
///
/// # Errors
/// [`Trouble::Hold`] when the sink can't work with it.
pub(crate) async fn serves(connection: &Connection) -> Result<String, Trouble> {
    const ASK: &str = "SELECT current_setting('server_version_num')::int4, current_setting('server_version'), \
        current_setting('server_encoding')";
    let rows = connection.query(ASK, &[]).await?;
    let Some(row) = rows.first() else { return Err(Trouble::retry("the server does not say its version")) };
    let (number, version, encoding): (i32, String, String) = (row.get(0), row.get(1), row.get(2));
    if number < OLDEST {
        return Err(Trouble::hold(format!("PostgreSQL {version} is too old: 12 or newer is needed")));
    }
    if encoding != "UTF8" {
        return Err(Trouble::hold(format!(
            "the database's encoding is {encoding}, which can't hold every text: use a database with encoding UTF8 (CREATE DATABASE … ENCODING \
             'UTF8' TEMPLATE template0)"
        )));
    }
    Ok(version)
}

/// The tables of the streams.
///
/// # Errors
/// [`Trouble::Hold`] when records of a stream can't be rows.
pub(crate) fn tables(streams: &[Stream]) -> Result<Vec<Table>, Trouble> {
    let table = |stream: &Stream| {
        Table::new(stream).map_err(|error| {
            Trouble::hold(format!("records of {} can't be rows: {error}", stream.schema.name))
        })
    };
    streams.iter().map(table).collect()
}
