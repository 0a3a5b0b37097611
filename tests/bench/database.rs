//! A backlog delivered to PostgreSQL beside the barest writer of the same rows, and how soon a row is seen.

use std::{
    io::Write as _,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use kalends_tests::{Installation, config, postgres::Postgres, program, wait_until};
use rustix::process::Signal;

use crate::{cost::Usage, kalends::Kalends, load::Load, request::Request, subject::Subject as _};

/// Longest time that a backlog may take.
const PATIENCE: Duration = Duration::from_mins(30);

/// Between two looks at how far it is.
const PERIOD: Duration = Duration::from_millis(50);

/// Delivered before, so that the barest writer has rows at hand.
const BEFORE: u32 = 20_000;

/// Events a second while it is looked how soon a row is seen, and how many.
const RATE: u32 = 300;
const EVENTS: u32 = 20 * RATE;

/// How fast, and at what cost of the program, so many rows got into their table.
#[derive(Clone, Copy)]
struct Run {
    rows: f64,
    seconds: f64,
    cpu_seconds: f64,
}

impl Run {
    fn rate(&self) -> f64 {
        self.rows / self.seconds
    }

    fn cpu_per_million(&self) -> f64 {
        self.cpu_seconds / self.rows * 1e6
    }
}

/// Prints one table: a backlog drained into events alone, and into events and the state of subscriptions, each between two
/// runs of the barest writer; and how soon a row is seen at 300 events a second.
///
/// # Errors
/// PostgreSQL or the daemon doesn't start, or the backlog doesn't drain.
pub(crate) fn measure(connections: u32, events: u32) -> anyhow::Result<()> {
    let Some(server) = Postgres::start("bench")? else { return Ok(()) };
    let mut out = std::io::stdout();
    writeln!(out, "\n{events} events from the journal to PostgreSQL, exactly once, 5,000 rows a commit")?;
    writeln!(out, "{:<24} {:>10} {:>16}", "", "events/s", "CPU s/million")?;
    for (name, more) in
        [("events alone", "subscriptions: false, schema: events"), ("events and state", "schema: rokt")]
    {
        let [before, drained, after] = drain(&server, more, connections, events)?;
        for (name, run) in [("bare", &before), (name, &drained), ("bare", &after)] {
            writeln!(out, "{name:<24} {:>10.0} {:>16.1}", run.rate(), run.cpu_per_million())?;
        }
        let mean = |of: fn(&Run) -> f64| f64::midpoint(of(&before), of(&after));
        let rate = drained.rate() / mean(Run::rate);
        let cpu = drained.cpu_per_million() / mean(Run::cpu_per_million);
        writeln!(out, "{:<24} {rate:>10.2} {cpu:>16.2}", "ratio")?;
    }
    let seen = visibility(&server)?;
    writeln!(out, "seconds until a row is seen at {RATE} events/s (p50, p99, most): {seen:.2?}")?;
    Ok(())
}

/// A daemon with the sink's defaults, but for `more`.
fn start(server: &Postgres, more: &str) -> anyhow::Result<Kalends> {
    let configuration = config::postgres(server.place(), more).replace("commit_every: 100ms, ", "");
    Kalends::of(Installation::new(&configuration)?)
}

/// The barest writer, the sink, and the barest writer again, in this order.
fn drain(server: &Postgres, more: &str, connections: u32, events: u32) -> anyhow::Result<[Run; 3]> {
    let schema = more.rsplit(' ').next().unwrap_or_default();
    let mut kalends = start(server, more)?;
    let request = Request::subscribe()?;
    let mut load = Load { target: kalends.target(), connections, first: 0, events: BEFORE, rate: None };
    load.send(&request)?;
    await_delivery(&kalends, BEFORE)?;
    server.kill()?;
    (load.first, load.events) = (BEFORE, events);
    load.send(&request)?;
    kalends.signal(Signal::STOP)?;
    server.restart()?;
    let table = format!("{schema}.subscribe");
    let before = bare(server, &table, events)?;
    kalends.signal(Signal::CONT)?;
    let drained = follow(&kalends, BEFORE + events)?;
    drop(kalends);
    let after = bare(server, &table, events)?;
    Ok([before, drained, after])
}

/// The example `bare_rows`, which says how long it took and what it cost.
fn bare(server: &Postgres, table: &str, events: u32) -> anyhow::Result<Run> {
    let program = program()?.with_file_name("examples").join("bare_rows");
    let url = format!("postgres://kalends@{}", server.place());
    let output = Command::new(&program).args([&url, table, &events.to_string()]).output();
    let output = output.with_context(|| format!("can't run {}", program.display()))?;
    let said = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "{}: {}", program.display(), said.trim());
    let printed = String::from_utf8(output.stdout)?;
    let (seconds, cpu_seconds) = printed.trim().split_once(' ').context("two figures")?;
    Ok(Run { rows: f64::from(events), seconds: seconds.parse()?, cpu_seconds: cpu_seconds.parse()? })
}

fn follow(kalends: &Kalends, through: u32) -> anyhow::Result<Run> {
    let first = wait_until("the first of the backlog", PATIENCE, || {
        Ok(Some(kalends.position()?).filter(|position| *position > u64::from(BEFORE)))
    })?;
    let (before, began) = (Usage::of(kalends.pid())?, Instant::now());
    await_delivery(kalends, through)?;
    let seconds = began.elapsed().as_secs_f64();
    let cpu_seconds = Usage::of(kalends.pid())?.cpu_seconds - before.cpu_seconds;
    let first = u32::try_from(first).context("a position among the events sent")?;
    Ok(Run { rows: f64::from(through - first), seconds, cpu_seconds })
}

fn await_delivery(kalends: &Kalends, through: u32) -> anyhow::Result<()> {
    wait_until("what was sent to be delivered", PATIENCE, || {
        let delivered = kalends.has_delivered(through)?;
        // Each look costs the daemon something.
        thread::sleep(if delivered { Duration::ZERO } else { PERIOD });
        Ok(delivered.then_some(()))
    })
}

/// Seconds from the reception of an event until its row can be read: of half of them, of 99 in a hundred, of all.
fn visibility(server: &Postgres) -> anyhow::Result<Vec<f64>> {
    let kalends = start(server, "schema: seen")?;
    let is_connected = || Ok(server.sql("SELECT 1 FROM seen.checkpoints").ok().filter(|rows| rows == "1"));
    wait_until("the sink to be connected", PATIENCE, is_connected)?;
    server.sql("CREATE TABLE looks (position bigint, at timestamptz)")?;
    let look = format!(
        "DO $$ DECLARE p bigint; BEGIN LOOP SELECT coalesce(max(position), 0) INTO p FROM seen.checkpoints; \
         INSERT INTO looks VALUES (p, clock_timestamp()); EXIT WHEN p >= {EVENTS}; PERFORM pg_sleep(0.005); END LOOP; END $$"
    );
    let mut watcher = server.psql(&look).spawn()?;
    let load = Load { target: kalends.target(), connections: 16, first: 0, events: EVENTS, rate: Some(RATE) };
    load.send(&Request::subscribe()?)?;
    await_delivery(&kalends, EVENTS)?;
    anyhow::ensure!(watcher.wait()?.success(), "nobody has looked");
    server.sql("CREATE INDEX ON looks (position)")?;
    let seen = "SELECT min(at) FROM looks WHERE position >= journal_position";
    let delays = server.sql(&format!(
        "SELECT unnest(percentile_disc(array[0.5, 0.99, 1]) WITHIN GROUP (ORDER BY delay)) FROM \
         (SELECT extract(epoch FROM ({seen}) - received_at)::float8 AS delay FROM seen.subscribe) AS d"
    ))?;
    Ok(delays.lines().map(str::parse).collect::<Result<_, _>>()?)
}
