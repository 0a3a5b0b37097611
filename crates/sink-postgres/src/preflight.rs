//! Everything that the sink will need, tried and rolled back. No claim is made.

mod rehearsal;

use kalends_sink::{Checkpoint, JournalId, Stream};
use tokio::runtime::Builder;

use crate::{
    Settings,
    connection::Connection,
    ddl::{Catalog, Wanted, left, missing},
    sink::{serves, tables},
    state::Layout,
    trouble::Trouble,
};

/// What was found.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Findings {
    /// What was found, and what is worth knowing.
    pub notes: Vec<String>,
    /// Somebody has to act.
    pub wrong: Vec<String>,
    /// It did not answer, and that may pass by itself.
    pub unavailable: Vec<String>,
    /// The sink's checkpoint of the journal.
    pub checkpoint: Option<Checkpoint>,
}

impl Findings {
    fn add(&mut self, trouble: Trouble) {
        match trouble {
            Trouble::Retry(words) => self.unavailable.push(words),
            Trouble::Hold(words) => self.wrong.push(words),
            Trouble::Refused { message, .. } => self.notes.push(format!(
                "a rehearsed row without values was refused, so that rows like it would become dead letters: {message}"
            )),
        }
    }
}

/// Connects, looks for tables, rights and the checkpoint of `journal`, and rehearses an insert into each table and a commit. Waits
/// for an answer as long as a connect and a statement may take.
#[must_use]
pub fn preflight(settings: &Settings, journal: Option<JournalId>, streams: &[Stream]) -> Findings {
    let mut findings = Findings::default();
    let runtime = match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            findings.unavailable.push(format!("can't wait for a connection: {error}"));
            return findings;
        }
    };
    if let Err(trouble) = runtime.block_on(examine(settings, journal, streams, &mut findings)) {
        findings.add(trouble.during(&settings.connect.place()));
    }
    findings
}

async fn examine(
    settings: &Settings,
    journal: Option<JournalId>,
    streams: &[Stream],
    findings: &mut Findings,
) -> Result<(), Trouble> {
    let connection = Connection::open(&settings.connect, settings.statement_timeout).await?;
    let version = serves(&connection).await?;
    findings.notes.push(format!("{}: PostgreSQL {version}", settings.connect.place()));
    if writes(&connection).await? {
        findings.notes.push("it can be written to".to_owned());
    } else {
        findings
            .unavailable
            .push("it is a standby, which can't be written to: name the primary as well in `url`".to_owned());
        return Ok(());
    }
    let tables = tables(streams)?;
    let layout = settings.subscriptions.then(|| Layout::new(&tables)).flatten();
    let wanted = Wanted::new(settings, &tables, layout.as_ref());
    let found = Catalog::read(&connection, &settings.schema).await?;
    let steps = missing(&wanted, &found);
    if !steps.is_empty() {
        let what: Vec<&str> = steps.iter().map(|step| step.what.as_str()).collect();
        let what = what.join(", ");
        if settings.migrate {
            findings.notes.push(format!("will be made at the first connect: {what}"));
        } else {
            findings.wrong.push(format!(
                "missing, and `migrate` is false: {what}; run what `kalends schemas ddl` prints"
            ));
        }
    }
    findings.notes.extend(left(&wanted, &found));
    if let Some(journal) = journal.filter(|_| found.relations.contains_key("checkpoints")) {
        match settings.owner(journal).checkpoint(&connection).await {
            Ok(checkpoint) => findings.checkpoint = checkpoint,
            Err(trouble) => findings.add(trouble.during("reading the checkpoint")),
        }
    }
    connection.begin(Some(settings.lock_timeout)).await?;
    let rehearsed = rehearsal::run(&connection, settings, &tables, layout.as_ref(), &steps, findings).await;
    connection.run("ROLLBACK").await?;
    rehearsed
}

async fn writes(connection: &Connection) -> Result<bool, Trouble> {
    let rows = connection.query("SELECT NOT pg_is_in_recovery()", &[]).await?;
    Ok(rows.first().is_some_and(|row| row.get(0)))
}
