use std::io::Write as _;

use crate::{figures::Figures, kalends::Kalends, subject::Sink};

const CONNECTIONS: [u32; 3] = [1, 64, 256];
/// Of the events that many connections send, the part that one sends.
const PART_OF_ONE: u32 = 10;

/// Prints what events cost over few and over many connections.
///
/// # Errors
/// The daemon doesn't start, or refuses an event.
pub(crate) fn measure(sinks: &[Sink<'_>], events: u32) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    writeln!(
        out,
        "\nsink   connections    events  answered/s  delivered/s   p50 ms   p99 ms p99.9 ms  CPU s/million  peak MiB  journal B  files B"
    )?;
    for sink in sinks {
        for connections in CONNECTIONS {
            let events = if connections == 1 { events / PART_OF_ONE } else { events };
            let kalends = Kalends::start(*sink)?;
            let figures = Figures::measure(&kalends, connections, events, None)?;
            let (journal, files) = kalends.disk()?;
            let stored = figures.answers.count() * 1.05;
            let [p50, p99, p999] = [500, 990, 999].map(|share| figures.answers.percentile(share));
            writeln!(
                out,
                "{:<6} {connections:>11} {events:>9} {:>11.0} {:>12.0} {p50:>8.2} {p99:>8.2} {p999:>8.2} {:>14.1} {:>9.1} {:>10.0} {:>8.0}",
                sink.name(),
                figures.answered_rate(),
                figures.rate(),
                figures.cpu,
                figures.peak,
                journal / stored,
                files / stored,
            )?;
        }
    }
    Ok(())
}
