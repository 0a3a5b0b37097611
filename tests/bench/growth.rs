use std::{io::Write as _, time::Duration};

use kalends_tests::{Installation, config, wait_until};

use crate::{cost::Usage, figures::Figures, filled::fill, kalends::Kalends, subject::Sink};

const TIMES: u32 = 10;
const PATIENCE: Duration = Duration::from_mins(10);

/// Prints what an event costs when there are ten times as many of something.
///
/// # Errors
/// The daemon doesn't start, or refuses an event.
pub(crate) fn measure(events: u32, connections: u32) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "\nCPU s/million, files")?;
    for events in [events, events * TIMES] {
        let figures = Figures::measure(&Kalends::start(Sink::Files)?, connections, events, None)?;
        writeln!(out, "{events:>9} events                     {:>6.1}", figures.cpu)?;
    }
    for backlog in [events, events * TIMES] {
        writeln!(out, "{backlog:>9} small events of a backlog   {:>6.2}", drained(backlog)?)?;
    }
    for sinks in [1, TIMES] {
        let installation = Installation::new(&config::many_files(sinks))?;
        let kalends = Kalends::of(installation)?;
        let figures = Figures::measure(&kalends, connections, events, None)?;
        writeln!(out, "{sinks:>9} sinks                      {:>6.1}", figures.cpu)?;
    }
    Ok(())
}

/// What an event of a backlog costs until the files sink has all of it, the reading for the duplicate window included.
fn drained(backlog: u32) -> anyhow::Result<f64> {
    let installation = Installation::new(&config::files())?;
    fill(&installation, backlog)?;
    let daemon = installation.start()?;
    wait_until("the backlog to be delivered", PATIENCE, || {
        std::thread::sleep(Duration::from_millis(100));
        daemon.wait_until_delivered(&["files"]).map(Some)
    })?;
    Ok(Usage::of(daemon.pid())?.cpu_seconds / f64::from(backlog) * 1e6)
}
