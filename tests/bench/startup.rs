use std::{
    io::Write as _,
    time::{Duration, Instant},
};

use kalends_tests::{Installation, config, wait_until};

use crate::{cost::Usage, filled::fill};

const PATIENCE: Duration = Duration::from_mins(10);

/// Prints how a daemon starts whose journal holds many small events, which its sink is not to have.
///
/// # Errors
/// The journal can't be filled, or the daemon doesn't start.
pub(crate) fn measure(events: u32) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "\nstart with {events} small events in the journal")?;
    let installation = Installation::new(&config::files_from_now_on())?;
    fill(&installation, events)?;
    let began = Instant::now();
    let daemon = installation.start()?;
    writeln!(out, "ready after               {:>8.2} s", began.elapsed().as_secs_f64())?;
    let position = |status: &serde_json::Value| status.get("scanner")?.get("scanned_position")?.as_u64();
    wait_until("the journal to be read", PATIENCE, || {
        let read = position(&daemon.status()?) == Some(u64::from(events));
        std::thread::sleep(Duration::from_millis(if read { 0 } else { 200 }));
        Ok(read.then_some(()))
    })?;
    let (elapsed, usage) = (began.elapsed(), Usage::of(daemon.pid())?);
    writeln!(out, "duplicate window rebuilt  {:>8.2} s", elapsed.as_secs_f64())?;
    writeln!(out, "CPU until then            {:>8.2} s", usage.cpu_seconds)?;
    writeln!(out, "resident then             {:>8.1} MiB", usage.resident_bytes / 1024.0 / 1024.0)?;
    for line in daemon.log()?.lines().filter(|line| line.contains("duplicate window")) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}
