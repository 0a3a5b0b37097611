use std::time::{Duration, Instant};

use tokio_postgres::types::Type;

use super::{Catalog, Wanted, statement, view};
use crate::{
    connection::Connection,
    name::{Literal, Qualified},
    state::View,
    trouble::Trouble,
};

/// A change that was kept from its lock is tried again after this long at the earliest.
const PAUSE: Duration = Duration::from_mins(1);

/// The advisory lock under which changes are made, so that two daemons don't make the same one at once.
const LOCK: i64 = 0x6b61_6c65_6e64_7300;

/// One change, made in a transaction of its own.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    /// What it makes.
    pub(crate) what: String,
    pub(crate) statements: Vec<String>,
    /// The view that it makes.
    pub(crate) view: Option<&'static str>,
}

impl Step {
    pub(super) fn new(what: String, statements: Vec<String>) -> Self {
        Self { what, statements, view: None }
    }
}

/// What a schema lacks.
pub(crate) fn missing(wanted: &Wanted, found: &Catalog) -> Vec<Step> {
    let schema = &wanted.schema;
    let mut steps = Vec::new();
    if !found.has_schema {
        steps.push(statement::create_schema(schema));
    }
    for table in &wanted.tables {
        let Some(relation) = found.relations.get(&table.name) else {
            steps.push(statement::create_table(schema, table));
            continue;
        };
        let lacking = table.columns.iter().filter(|column| !relation.columns.contains(&column.name));
        steps.extend(lacking.map(|column| statement::add_column(schema, &table.name, column)));
    }
    for verdict in verdicts(wanted, found) {
        if let view::Verdict::Make(step) = verdict {
            steps.push(step);
        }
    }
    steps
}

/// The views that somebody has changed, and what each lacks for it.
pub(crate) fn left(wanted: &Wanted, found: &Catalog) -> Vec<String> {
    let left = verdicts(wanted, found).filter_map(|verdict| match verdict {
        view::Verdict::Left(words) => Some(words),
        view::Verdict::Make(_) | view::Verdict::Fine => None,
    });
    left.collect()
}

fn verdicts<'a>(wanted: &'a Wanted, found: &'a Catalog) -> impl Iterator<Item = view::Verdict> + 'a {
    let judge = |view: &View| view::judge(&wanted.schema, view, found.relations.get(view.name));
    wanted.views.iter().map(judge)
}

/// Brings a schema to what is wanted, by adding only.
#[derive(Debug, Default)]
pub(crate) struct Migration {
    locked: Option<(Instant, String)>,
}

impl Migration {
    /// Makes what is missing; returns whether anything was.
    ///
    /// # Errors
    /// [`Trouble::Hold`] when something is missing that may not be made, [`Trouble::Retry`] when a lock could not be had.
    pub(crate) async fn run(
        &mut self,
        connection: &Connection,
        wanted: &Wanted,
        found: &Catalog,
        allowed: bool,
        lock_timeout: Duration,
    ) -> Result<bool, Trouble> {
        for words in left(wanted, found) {
            tracing::warn!("{words}");
        }
        let steps = missing(wanted, found);
        if steps.is_empty() {
            self.locked = None;
            return Ok(false);
        }
        if !allowed {
            let what: Vec<&str> = steps.iter().map(|step| step.what.as_str()).collect();
            let statements: Vec<String> = steps.iter().flat_map(|step| step.statements.clone()).collect();
            return Err(Trouble::hold(format!(
                "missing in the database: {}; `migrate` is false, so that somebody must run: {};",
                what.join(", "),
                statements.join("; ")
            )));
        }
        if let Some((at, words)) = &self.locked
            && at.elapsed() < PAUSE
        {
            return Err(Trouble::retry(words.clone()));
        }
        for step in steps {
            match make(connection, &wanted.schema, &step, lock_timeout).await {
                Ok(()) => tracing::info!(made = %step.what, "made what was missing in the database"),
                Err(trouble) => return Err(self.failed(&step, trouble)),
            }
        }
        self.locked = None;
        Ok(true)
    }

    fn failed(&mut self, step: &Step, trouble: Trouble) -> Trouble {
        let trouble = trouble.during(&format!("can't make {}", step.what));
        match trouble {
            Trouble::Retry(words) if words.contains("55P03") => {
                let words = format!(
                    "{words}; somebody uses the table, and readers are not kept waiting for longer than `lock_timeout`: tried \
                     again once a minute"
                );
                self.locked = Some((Instant::now(), words.clone()));
                Trouble::Retry(words)
            }
            Trouble::Hold(words) => {
                Trouble::Hold(format!("{words}; the statement is: {}", step.statements.join("; ")))
            }
            Trouble::Refused { code, message } => Trouble::Hold(format!("{message} ({code})")),
            Trouble::Retry(words) => Trouble::Retry(words),
        }
    }
}

async fn make(
    connection: &Connection,
    schema: &str,
    step: &Step,
    lock_timeout: Duration,
) -> Result<(), Trouble> {
    connection.begin(Some(lock_timeout)).await?;
    connection.query("SELECT pg_advisory_xact_lock($1)::text", &[(&LOCK, Type::INT8)]).await?;
    for statement in &step.statements {
        connection.run(statement).await?;
    }
    if let Some(view) = step.view {
        mark(connection, schema, view).await?;
    }
    connection.run("COMMIT").await
}

/// Writes into a view's comment by what it is known again.
async fn mark(connection: &Connection, schema: &str, view: &str) -> Result<(), Trouble> {
    const READ: &str = "SELECT md5(pg_get_viewdef(c.oid)), obj_description(c.oid, 'pg_class') FROM pg_class c \
        JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2";
    let rows = connection.query(READ, &[(&schema, Type::TEXT), (&view, Type::TEXT)]).await?;
    let Some(row) = rows.first() else { return Ok(()) };
    let doc: Option<String> = row.get(1);
    let comment = view::marked(&doc.unwrap_or_default(), row.get(0));
    connection.run(&format!("COMMENT ON VIEW {} IS {}", Qualified(schema, view), Literal(&comment))).await
}
