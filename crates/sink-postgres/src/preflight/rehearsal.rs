use kalends_sink::{Checkpoint, FieldValue, Instant, JournalId, TimeUnit};

use super::Findings;
use crate::{
    Settings,
    claimant::Claimant,
    connection::{Connection, typed},
    ddl::Step,
    state::{Delta, Layout, Pending, upsert},
    table::{Cells, Column, Counted, Rows, Table, insert},
    trouble::Trouble,
};

/// What a rehearsed row has where a row must have something.
const NOBODY: &str = "rehearsal of kalends check";

/// The journal of rehearsed checkpoints, which no journal has for its identity.
const NOBODYS: JournalId = JournalId::new([0; 16]);

/// Makes new tables, writes a row into each table that is there, the state and the checkpoints, all in a transaction that
/// the caller rolls back. Tables that somebody uses are not altered, so that nobody waits.
pub(super) async fn run(
    connection: &Connection,
    settings: &Settings,
    tables: &[Table],
    layout: Option<&Layout>,
    steps: &[Step],
    findings: &mut Findings,
) -> Result<(), Trouble> {
    let mut lacking = Vec::new();
    for step in steps {
        let is_harmless =
            settings.migrate && !step.statements.iter().any(|statement| statement.starts_with("ALTER"));
        if !is_harmless {
            lacking.push(step.what.as_str());
            continue;
        }
        for statement in &step.statements {
            attempt(connection, findings, &step.what, connection.run(statement)).await?;
        }
    }
    for table in tables {
        let name = format!("{}.{}", settings.schema, table.name);
        if lacking.iter().any(|what| what.contains(&name)) {
            continue;
        }
        let (statement, rows) = (insert(&settings.schema, table, None), row(table));
        let send = send(connection, &statement, rows.columns());
        attempt(connection, findings, &format!("insert into {name}"), send).await?;
    }
    if let Some(layout) = layout.filter(|_| lacking.is_empty()) {
        let mut pending = Pending::default();
        pending.join(NOBODY.to_owned(), Delta::default());
        let statement = upsert(&settings.schema, layout);
        let columns = pending.columns(layout);
        attempt(connection, findings, "the state of subscriptions", send(connection, &statement, &columns))
            .await?;
    }
    if !lacking.iter().any(|what| what.contains("checkpoints")) {
        attempt(connection, findings, "the checkpoint", move_checkpoint(connection, settings)).await?;
    }
    Ok(())
}

/// Claims a checkpoint and moves it, twice, as the sink does: that of a journal that nobody has, so that no daemon waits.
async fn move_checkpoint(connection: &Connection, settings: &Settings) -> Result<(), Trouble> {
    let owner = settings.owner(NOBODYS);
    let claimant = Claimant::new().map_err(|error| Trouble::retry(error.to_string()))?;
    for position in 1..=2 {
        let claim = owner.claim_within(connection, &claimant, None).await?;
        let to = Checkpoint { journal: NOBODYS, shard: settings.shard, position, chain: position };
        let is_moved = owner.advance(connection, &claimant, claim.epoch, to).await?;
        if !is_moved || owner.checkpoint(connection).await? != Some(to) {
            return Err(Trouble::hold(format!(
                "a row of {}.checkpoints does not keep what is written to it: look for a trigger, a rule or a policy on the table",
                settings.schema
            )));
        }
    }
    Ok(())
}

/// Tries one thing, and goes on as if it had not been tried when it fails.
async fn attempt<T>(
    connection: &Connection,
    findings: &mut Findings,
    what: &str,
    call: impl Future<Output = Result<T, Trouble>>,
) -> Result<(), Trouble> {
    connection.run("SAVEPOINT rehearsal").await?;
    match call.await {
        Ok(_) => connection.run("RELEASE SAVEPOINT rehearsal").await,
        Err(trouble) => {
            findings.add(trouble.during(what));
            connection.run("ROLLBACK TO SAVEPOINT rehearsal").await
        }
    }
}

async fn send(connection: &Connection, statement: &str, columns: &[Column]) -> Result<u64, Trouble> {
    let parameters: Vec<_> = columns.iter().map(|column| typed(column, column.sql.array())).collect();
    connection.execute(statement, &parameters).await
}

/// A row that has its key and its time, and nothing else.
fn row(table: &Table) -> Rows {
    let (mut cells, mut counted, mut rows) = (Cells::default(), Counted::default(), Rows::new(table));
    for (name, sql) in table.columns().zip(&table.types) {
        let value = match name {
            "journal_id" => FieldValue::Text(NOBODY),
            "journal_shard" => FieldValue::Int(0),
            "journal_position" => FieldValue::Long(0),
            "received_at" => {
                FieldValue::Instant(Instant { units: 1_600_000_000_000, unit: TimeUnit::Millis })
            }
            _ => FieldValue::Null,
        };
        cells.push(&value, *sql, &mut counted);
    }
    rows.push(&cells);
    rows
}
