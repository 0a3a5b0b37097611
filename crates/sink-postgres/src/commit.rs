//! Rows, state and checkpoint made durable together.

use kalends_sink::Checkpoint;
use tokio_postgres::types::Type;

use crate::{
    claim::Owner,
    claimant::Claimant,
    connection::{Connection, Parameter, typed},
    ddl::key_of,
    state::{Layout, Pending, upsert},
    table::{Column, Rows, Table, insert},
    trouble::Trouble,
};

/// A table and the rows for it: those at or below the highest position ever committed, which may stand there already,
/// and those above it, which may not.
pub(crate) struct Batch {
    pub(crate) table: Table,
    /// The columns of the unique index that tells rows apart.
    pub(crate) key: Vec<String>,
    pub(crate) again: Rows,
    pub(crate) fresh: Rows,
}

impl Batch {
    pub(crate) fn new(table: Table, key: Vec<String>) -> Self {
        let (again, fresh) = (Rows::new(&table), Rows::new(&table));
        Self { table, key, again, fresh }
    }

    pub(crate) fn clear(&mut self) {
        self.again = Rows::new(&self.table);
        self.fresh = Rows::new(&self.table);
    }
}

/// The input of a commit.
pub(crate) struct Commit<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) owner: &'a Owner,
    pub(crate) claimant: &'a Claimant,
    /// The epoch of this sink's claim.
    pub(crate) epoch: i64,
    pub(crate) batches: &'a [Batch],
    pub(crate) state: Option<(&'a Layout, &'a Pending)>,
}

/// The result of a commit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Committed {
    pub(crate) rows: u64,
    /// Rows that stood there already.
    pub(crate) passed_over: u64,
}

impl Commit<'_> {
    /// Makes everything durable together with the checkpoint, or nothing.
    ///
    /// # Errors
    /// Any [`Trouble`]. The outcome may then be unknown.
    pub(crate) async fn run(&self, to: Checkpoint) -> Result<Committed, Trouble> {
        match self.attempt(to).await {
            Err(Trouble::Refused { code, message }) => Err(self.refused(code, message).await),
            other => other,
        }
    }

    async fn attempt(&self, to: Checkpoint) -> Result<Committed, Trouble> {
        self.connection.begin(None).await?;
        // First, since it takes the row's lock: one who may commit no longer does no work.
        if !self.owner.advance(self.connection, self.claimant, self.epoch, to).await? {
            let holder = self.owner.holder(self.connection, false).await?;
            self.connection.run("ROLLBACK").await?;
            return Err(self.owner.fenced_by(holder.as_ref()));
        }
        let mut committed = Committed::default();
        for batch in self.batches {
            let schema = &self.owner.schema;
            if batch.again.count() > 0 {
                let statement = insert(schema, &batch.table, Some(&batch.key));
                let touched = self.send(&statement, batch.again.columns()).await?;
                committed.rows += touched;
                committed.passed_over += batch.again.count().saturating_sub(touched);
            }
            if batch.fresh.count() > 0 {
                // Sinks that share a schema share its dead letters: another may have written that of this event.
                let key = batch.table.is_of_dead_letters().then_some(batch.key.as_slice());
                committed.rows +=
                    self.send(&insert(schema, &batch.table, key), batch.fresh.columns()).await?;
            }
        }
        if let Some((layout, pending)) = self.state.filter(|(_, pending)| !pending.is_empty()) {
            self.send(&upsert(&self.owner.schema, layout), &pending.columns(layout)).await?;
        }
        self.connection.run("COMMIT").await?;
        Ok(committed)
    }

    async fn send(&self, statement: &str, columns: &[Column]) -> Result<u64, Trouble> {
        let parameters: Vec<Parameter<'_>> =
            columns.iter().map(|column| typed(column, column.sql.array())).collect();
        self.connection.execute(statement, &parameters).await
    }

    /// A violated unique index is a bad record where it is a user's own, and a second writer where it is the rows' key.
    async fn refused(&self, code: String, message: String) -> Trouble {
        if code != "23505" {
            return Trouble::Refused { code, message };
        }
        let index =
            message.rsplit_once(" constraint ").map(|(_, index)| index.to_owned()).unwrap_or_default();
        let schema = &self.owner.schema;
        let looked = async {
            self.connection.run("ROLLBACK").await?;
            key_of(self.connection, schema, &index).await
        };
        match looked.await {
            Ok(false) => Trouble::Refused { code, message },
            Ok(true) => self.second_writer(&message).await,
            Err(trouble) => trouble,
        }
    }

    async fn second_writer(&self, message: &str) -> Trouble {
        let query = format!(
            "SELECT sink, position FROM {} WHERE journal_id = $1 AND sink <> $2 ORDER BY sink",
            crate::name::Qualified(&self.owner.schema, "checkpoints")
        );
        let journal = self.owner.journal.to_string();
        let found =
            self.connection.query(&query, &[(&journal, Type::TEXT), (&self.owner.sink, Type::TEXT)]).await;
        let others = found
            .unwrap_or_default()
            .iter()
            .map(|row| {
                let position: Option<i64> = row.get(1);
                format!("{} through position {}", row.get::<_, String>(0), position.unwrap_or(0))
            })
            .collect::<Vec<_>>();
        let whose = if others.is_empty() {
            "another writer put them there, or the row of this sink in `checkpoints` is older than the tables"
                .to_owned()
        } else {
            format!("of this journal there are also the sinks: {}", others.join("; "))
        };
        Trouble::hold(format!(
            "rows of this journal stand in the table that this sink has not written ({message}); {whose}. If this sink takes the place of \
             another, let it go on behind that one: `kalends sinks seek {} --to POSITION`",
            self.owner.sink
        ))
    }
}
