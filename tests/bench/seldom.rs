use std::io::Write as _;

use crate::{
    figures::Figures,
    floor::Floor,
    kalends::Kalends,
    machine::Cost,
    subject::{Sink, Subject},
};

const RATE: u32 = 300;
const CONNECTIONS: u32 = 16;
/// Twenty seconds.
const EVENTS: u32 = 20 * RATE;

/// Prints what an event costs when few come: the machine alone, kalends, and the floor where there is Kafka. Most of it is
/// waking up and syncing.
///
/// # Errors
/// One of them doesn't start, or refuses an event.
pub(crate) fn measure(sinks: &[Sink<'_>], brokers: Option<&str>) -> anyhow::Result<()> {
    writeln!(std::io::stdout(), "\n{RATE} events/s over {CONNECTIONS} connections")?;
    let Cost { waking, syncing } = Cost::measure(RATE, EVENTS)?;
    writeln!(
        std::io::stdout(),
        "a thread that wakes up {waking:.1}, and writes and syncs {syncing:.1} CPU s/million"
    )?;
    for sink in sinks {
        show(sink.name(), &Kalends::start(*sink)?)?;
    }
    if let Some(brokers) = brokers {
        show("floor", &Floor::start(brokers)?)?;
    }
    Ok(())
}

fn show(name: &str, subject: &dyn Subject) -> anyhow::Result<()> {
    let figures = Figures::measure(subject, CONNECTIONS, EVENTS, Some(RATE))?;
    let [p50, p99, p999] = [500, 990, 999].map(|share| figures.answers.percentile(share));
    writeln!(
        std::io::stdout(),
        "{name:<6} {:.1} CPU s/million, p50 {p50:.2} ms, p99 {p99:.2} ms, p99.9 {p999:.2} ms",
        figures.cpu
    )?;
    Ok(())
}
