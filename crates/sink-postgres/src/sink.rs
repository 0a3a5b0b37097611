mod session;

use std::{io, time::Instant};

use kalends_sink::{Checkpoint, Failure, JournalId, Pacing, Record, RowBuffer, Sink, Stream};
use tokio::runtime::{Builder, Runtime};

use crate::{
    Behind, Metrics, Settings, Use, claim::Claim, claimant::Claimant, commit::Commit, connection::Connection,
    ddl::Migration, metrics::SinkMetrics, state::Pending, table::Cells, trouble::Trouble,
};
use session::Session;
pub(crate) use session::{serves, tables};

/// Most rows of one commit.
const ROWS: usize = 5000;

/// Most bytes of datums of one commit.
const BYTES: u64 = 8 << 20;

/// Delivers records to one database.
pub struct PostgresSink {
    settings: Settings,
    metrics: SinkMetrics,
    claimant: Claimant,
    runtime: Runtime,
    migration: Migration,
    session: Option<Session>,
    /// The epoch of the last claim, by which a claim of somebody else is told.
    claimed: Option<i64>,
    cells: Cells,
    rows: RowBuffer,
    state: Pending,
}

impl PostgresSink {
    /// A sink that has not connected yet.
    ///
    /// # Errors
    /// The operating system gives no random numbers, or nothing to wait for sockets with.
    pub fn new(settings: Settings, metrics: &Metrics) -> io::Result<Self> {
        Ok(Self {
            metrics: metrics.of(&settings.sink),
            claimant: Claimant::new().map_err(io::Error::other)?,
            runtime: Builder::new_current_thread().enable_all().build()?,
            migration: Migration::default(),
            session: None,
            claimed: None,
            cells: Cells::default(),
            rows: RowBuffer::default(),
            state: Pending::default(),
            settings,
        })
    }

    async fn open(
        settings: &Settings,
        claimant: &Claimant,
        migration: &mut Migration,
        claimed: Option<i64>,
        journal: JournalId,
        streams: &[Stream],
    ) -> Result<(Session, Option<Checkpoint>), Trouble> {
        let connection = Connection::open(&settings.connect, settings.statement_timeout)
            .await
            .map_err(|trouble| trouble.during(&settings.connect.place()))?;
        let (batches, state) = session::prepare(settings, migration, &connection, streams).await?;
        let owner = settings.owner(journal);
        let Claim { epoch, checkpoint, highest } = owner.claim(&connection, claimant, claimed).await?;
        // Whatever a replay writes may stand there already.
        let highest = if settings.purpose == Use::Replay { u64::MAX } else { highest };
        Ok((Session { connection, owner, epoch, highest, batches, state }, checkpoint))
    }

    fn take(&mut self, record: &Record<'_>) -> Result<(), Failure> {
        let session = self.session.as_mut().ok_or_else(not_connected)?;
        let batch = session.batches.get_mut(record.stream).ok_or_else(not_connected)?;
        let unreadable = |error: kalends_sink::RowError| Failure::Data {
            position: record.position,
            reason: "rejected-by-sink",
            message: error.to_string(),
        };
        let row = self.rows.read(&batch.table.plan, record.datum).map_err(unreadable)?;
        let counted = self.cells.fill(&row, &batch.table.types).map_err(unreadable)?;
        self.metrics.nul.inc_by(counted.nul);
        self.metrics.surrogates.inc_by(counted.surrogates);
        if let Some((_, sources)) = &session.state
            && let Some(Some(source)) = sources.get(record.stream)
        {
            let mut oddities = crate::state::Oddities::default();
            let said = source.read(&row, &self.cells, &mut oddities).map_err(unreadable)?;
            self.metrics.times.inc_by(oddities.times);
            self.metrics.long_ids.inc_by(oddities.long_ids);
            if let Some((id, delta)) = said {
                self.state.join(id, delta);
            }
        }
        // A record of another identity was received before the journal got its present one, and may stand there as well.
        let is_fresh = record.journal == session.owner.journal && record.position > session.highest;
        let rows = if is_fresh { &mut batch.fresh } else { &mut batch.again };
        rows.push(&self.cells);
        Ok(())
    }
}

impl Sink for PostgresSink {
    fn connect(&mut self, journal: JournalId, streams: &[Stream]) -> Result<Option<Checkpoint>, Failure> {
        self.session = None;
        self.state.clear();
        let Self { settings, claimant, migration, claimed, runtime, .. } = self;
        let opened = runtime.block_on(Self::open(settings, claimant, migration, *claimed, journal, streams));
        let (session, checkpoint) = opened?;
        self.claimed = Some(session.epoch);
        self.session = Some(session);
        Ok(checkpoint)
    }

    fn write(&mut self, records: &[Record<'_>]) -> Result<(), Failure> {
        records.iter().try_for_each(|record| self.take(record))
    }

    fn commit(&mut self, checkpoint: Checkpoint) -> Result<(), Failure> {
        let begun = Instant::now();
        let Some(mut session) = self.session.take() else { return Err(not_connected()) };
        let commit = Commit {
            connection: &session.connection,
            owner: &session.owner,
            claimant: &self.claimant,
            epoch: session.epoch,
            batches: &session.batches,
            state: session.state.as_ref().map(|(layout, _)| (layout, &self.state)),
        };
        // A session whose commit has failed is not used again: its outcome may be unknown.
        let committed = self.runtime.block_on(commit.run(checkpoint))?;
        self.metrics.rows.inc_by(committed.rows);
        self.metrics.passed_over.inc_by(committed.passed_over);
        self.metrics.commit_seconds.observe(begun.elapsed().as_secs_f64());
        session.committed(checkpoint.position);
        self.state.clear();
        self.session = Some(session);
        Ok(())
    }

    fn resume(&mut self) {
        self.claimed = None;
    }

    fn catches_up(&self) -> bool {
        self.settings.behind == Behind::CatchUp
    }

    fn pacing(&self) -> Pacing {
        Pacing { records: ROWS, bytes: BYTES, delay: self.settings.commit_every }
    }
}

fn not_connected() -> Failure {
    Failure::retry("not connected to the database")
}
