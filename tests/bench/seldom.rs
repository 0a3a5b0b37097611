use std::io::Write as _;

use crate::{figures::Figures, kalends::Kalends, subject::Sink};

const RATE: u32 = 300;
const CONNECTIONS: u32 = 16;
/// Twenty seconds.
const EVENTS: u32 = 20 * RATE;

/// Prints what an event costs when few come: most of it is waking up.
///
/// # Errors
/// The daemon doesn't start, or refuses an event.
pub(crate) fn measure(sinks: &[Sink<'_>]) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "\n{RATE} events/s over {CONNECTIONS} connections")?;
    for sink in sinks {
        let figures = Figures::measure(&Kalends::start(*sink)?, CONNECTIONS, EVENTS, Some(RATE))?;
        let [p50, p99, p999] = [500, 990, 999].map(|share| figures.answers.percentile(share));
        writeln!(
            out,
            "{:<6} {:.1} CPU s/million, p50 {p50:.2} ms, p99 {p99:.2} ms, p99.9 {p999:.2} ms",
            sink.name(),
            figures.cpu
        )?;
    }
    Ok(())
}
