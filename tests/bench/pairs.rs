use std::io::Write as _;

use crate::{
    figures::{Figures, median},
    floor::Floor,
    kalends::Kalends,
    subject::Sink,
};

/// Measures kalends and the floor by turns, so that whatever else the machine does falls on both.
///
/// # Errors
/// One of them doesn't start, or refuses an event.
pub(crate) fn measure(
    brokers: &str,
    pairs: u32,
    connections: u32,
    events: u32,
    rate: Option<u32>,
) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    writeln!(
        out,
        "\n{events} events over {connections} connections to Kafka, each pair one after the other"
    )?;
    writeln!(out, "pair            CPU s/million  answered/s  delivered/s   p50 ms   p99 ms  peak MiB")?;
    let (mut floors, mut ours) = (Vec::new(), Vec::new());
    for pair in 1..=pairs {
        // Who comes second may find the machine warmer: they take turns in that too.
        for second in [false, true] {
            if second == pair.is_multiple_of(2) {
                let figures = Figures::measure(&Floor::start(brokers)?, connections, events, rate)?;
                writeln!(out, "{pair:>4} {:<9} {}", "floor", line(&figures))?;
                floors.push(figures);
            } else {
                let kalends = Kalends::start(Sink::Kafka(brokers))?;
                let figures = Figures::measure(&kalends, connections, events, rate)?;
                writeln!(out, "{pair:>4} {:<9} {}", "kalends", line(&figures))?;
                ours.push(figures);
            }
        }
    }
    summarise(&mut out, &ours, &floors)
}

fn summarise(out: &mut impl std::io::Write, ours: &[Figures], floors: &[Figures]) -> anyhow::Result<()> {
    let ratio = median(ours.iter().zip(floors).map(|(kalends, floor)| kalends.cpu / floor.cpu));
    writeln!(out, "median of the pairs' ratios kalends/floor, CPU: {ratio:.2}")?;
    for (name, figures) in [("kalends", ours), ("floor", floors)] {
        let middle = |of: fn(&Figures) -> f64| median(figures.iter().map(of));
        writeln!(
            out,
            "median {name:<9} {:>6.1} CPU s/million, {:.0} events/s delivered, p50 {:.2} ms, p99 {:.2} ms",
            middle(|f| f.cpu),
            middle(Figures::rate),
            middle(|f| f.answers.percentile(500)),
            middle(|f| f.answers.percentile(990)),
        )?;
    }
    Ok(())
}

fn line(figures: &Figures) -> String {
    format!(
        "{:>13.1} {:>11.0} {:>12.0} {:>8.2} {:>8.2} {:>9.1}",
        figures.cpu,
        figures.answered_rate(),
        figures.rate(),
        figures.answers.percentile(500),
        figures.answers.percentile(990),
        figures.peak
    )
}
