//! The right to commit, which the latest claim has.

use kalends_sink::{Checkpoint, JournalId};
use tokio_postgres::{Row, types::Type};

use crate::{
    claimant::Claimant,
    connection::{Connection, typed},
    name::Qualified,
    trouble::Trouble,
};

/// The owner of a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) schema: String,
    pub(crate) journal: JournalId,
    pub(crate) shard: u32,
    pub(crate) sink: String,
}

/// A claim that was made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Claim {
    pub(crate) epoch: i64,
    /// The checkpoint that is durable there.
    pub(crate) checkpoint: Option<Checkpoint>,
    /// The highest position that was ever committed.
    pub(crate) highest: u64,
}

/// The claim in the checkpoint's row: who may commit.
#[derive(Debug, Clone)]
pub(crate) struct Holder {
    pub(crate) epoch: i64,
    pub(crate) instance: String,
    words: String,
}

impl Owner {
    /// Claims the checkpoint: from now on nobody else who claimed it before can commit.
    ///
    /// `before` is the epoch of the last claim of this very process. Where it is there, a claim that somebody else has made
    /// since is respected; a database that was put back to an earlier state, with lower epochs, is claimed.
    ///
    /// # Errors
    /// [`Trouble::Hold`] when somebody else has claimed it since; any other [`Trouble`].
    pub(crate) async fn claim(
        &self,
        connection: &Connection,
        claimant: &Claimant,
        before: Option<i64>,
    ) -> Result<Claim, Trouble> {
        connection.begin(None).await?;
        let claimed = self.claim_within(connection, claimant, before).await;
        match claimed {
            Ok(claim) => connection.run("COMMIT").await.map(|()| claim),
            Err(Trouble::Hold(words)) => {
                connection.run("ROLLBACK").await?;
                Err(Trouble::Hold(words))
            }
            Err(trouble) => Err(trouble),
        }
    }

    /// The same within a transaction of the caller's.
    ///
    /// # Errors
    /// As [`Owner::claim`].
    pub(crate) async fn claim_within(
        &self,
        connection: &Connection,
        claimant: &Claimant,
        before: Option<i64>,
    ) -> Result<Claim, Trouble> {
        let holder = self.holder(connection, true).await?;
        if let (Some(holder), Some(before)) = (&holder, before)
            && holder.instance != claimant.instance
            && holder.epoch >= before
        {
            return Err(self.fenced_by(Some(holder)));
        }
        let epoch = holder.map_or(0, |holder| holder.epoch).max(before.unwrap_or(0)) + 1;
        let statement = format!(
            "INSERT INTO {} AS c (journal_id, journal_shard, sink, highest, epoch, instance, host, changed_at) \
             VALUES ($1, $2, $3, 0, $4, $5, $6, now()) ON CONFLICT (journal_id, journal_shard, sink) DO UPDATE SET epoch = $4, \
             instance = $5, host = $6, changed_at = now() RETURNING c.position, c.chain, c.highest",
            self.table()
        );
        let (journal, shard) = self.key();
        let rows = connection
            .query(
                &statement,
                &[
                    (&journal, Type::TEXT),
                    (&shard, Type::INT4),
                    (&self.sink, Type::TEXT),
                    (&epoch, Type::INT8),
                    (&claimant.instance, Type::TEXT),
                    (&claimant.host, Type::TEXT),
                ],
            )
            .await?;
        let row =
            rows.first().ok_or_else(|| Trouble::hold("the claim of the checkpoint left no row behind"))?;
        Ok(Claim {
            epoch,
            checkpoint: self.checkpoint_of(row),
            highest: number(row, 2).and_then(|highest| u64::try_from(highest).ok()).unwrap_or(0),
        })
    }

    /// Reads the checkpoint, and claims nothing.
    pub(crate) async fn checkpoint(&self, connection: &Connection) -> Result<Option<Checkpoint>, Trouble> {
        let statement = format!(
            "SELECT position, chain FROM {} WHERE journal_id = $1 AND journal_shard = $2 AND sink = $3",
            self.table()
        );
        let (journal, shard) = self.key();
        let parameters =
            [typed(&journal, Type::TEXT), typed(&shard, Type::INT4), typed(&self.sink, Type::TEXT)];
        let rows = connection.query(&statement, &parameters).await?;
        Ok(rows.first().and_then(|row| self.checkpoint_of(row)))
    }

    /// Moves the checkpoint, as the one who made the claim. Returns false when somebody else has claimed it since.
    pub(crate) async fn advance(
        &self,
        connection: &Connection,
        claimant: &Claimant,
        epoch: i64,
        to: Checkpoint,
    ) -> Result<bool, Trouble> {
        let statement = format!(
            "UPDATE {} SET position = $6, chain = $7, highest = greatest(highest, $6), changed_at = now() \
             WHERE journal_id = $1 AND journal_shard = $2 AND sink = $3 AND epoch = $4 AND instance = $5",
            self.table()
        );
        let (journal, shard) = self.key();
        let position = i64::try_from(to.position).unwrap_or(i64::MAX);
        let chain = to.chain.cast_signed();
        let touched = connection
            .execute(
                &statement,
                &[
                    (&journal, Type::TEXT),
                    (&shard, Type::INT4),
                    (&self.sink, Type::TEXT),
                    (&epoch, Type::INT8),
                    (&claimant.instance, Type::TEXT),
                    (&position, Type::INT8),
                    (&chain, Type::INT8),
                ],
            )
            .await?;
        Ok(touched == 1)
    }

    /// Reads the claim that is in effect now.
    pub(crate) async fn holder(
        &self,
        connection: &Connection,
        lock: bool,
    ) -> Result<Option<Holder>, Trouble> {
        let statement = format!(
            "SELECT epoch, instance, host, to_char(changed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') FROM {} \
             WHERE journal_id = $1 AND journal_shard = $2 AND sink = $3{}",
            self.table(),
            if lock { " FOR UPDATE" } else { "" }
        );
        let (journal, shard) = self.key();
        let parameters =
            [typed(&journal, Type::TEXT), typed(&shard, Type::INT4), typed(&self.sink, Type::TEXT)];
        let rows = connection.query(&statement, &parameters).await?;
        Ok(rows.first().map(|row| {
            let text =
                |index: usize| row.get::<_, Option<String>>(index).unwrap_or_else(|| "unknown".to_owned());
            let words = format!("instance {} on {}, seen {}", text(1), text(2), text(3));
            Holder { epoch: row.get::<_, Option<i64>>(0).unwrap_or(0), instance: text(1), words }
        }))
    }

    /// The hold of one who may commit no longer.
    pub(crate) fn fenced_by(&self, holder: Option<&Holder>) -> Trouble {
        let Some(holder) = holder else {
            return Trouble::hold(format!(
                "the sink's row in {} is gone: somebody removed it, or put an older state of the table back while the sink was running",
                self.table()
            ));
        };
        Trouble::hold(format!(
            "another process delivers for this sink: {}; end one of the two, then let this one take over: `kalends sinks resume {}`",
            holder.words, self.sink
        ))
    }

    /// The checkpoint in a row that begins with position and chain.
    fn checkpoint_of(&self, row: &Row) -> Option<Checkpoint> {
        let position = u64::try_from(number(row, 0)?).ok()?;
        let chain = number(row, 1).unwrap_or_default().cast_unsigned();
        Some(Checkpoint { journal: self.journal, shard: self.shard, position, chain })
    }

    fn table(&self) -> Qualified<'_> {
        Qualified(&self.schema, "checkpoints")
    }

    fn key(&self) -> (String, i32) {
        (self.journal.to_string(), i32::try_from(self.shard).unwrap_or(i32::MAX))
    }
}

fn number(row: &Row, column: usize) -> Option<i64> {
    row.get(column)
}
