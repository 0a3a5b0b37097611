use std::{
    io::Write as _,
    process,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use kalends_tests::{kafka::Broker, wait_until};

use crate::{
    bare,
    cost::Usage,
    kalends::Kalends,
    load::Load,
    request::Request,
    subject::{Sink, Subject as _},
};

/// The topic that everything drained lands on.
const TOPIC: &str = "rokt.calendar.subscribe";

/// Longest time that a backlog may take.
const PATIENCE: Duration = Duration::from_mins(30);

/// Many enough that no cache holds them all, few enough to keep them at hand.
const MESSAGES: usize = 50_000;

/// How fast, and at what cost, so many messages got to Kafka.
struct Run {
    messages: f64,
    elapsed: Duration,
    cpu_seconds: f64,
}

impl Run {
    fn rate(&self) -> f64 {
        self.messages / self.elapsed.as_secs_f64()
    }

    fn cpu_per_million(&self) -> f64 {
        self.cpu_seconds / self.messages * 1e6
    }
}

/// Fills a journal while Kafka is away, measures how it drains when Kafka is back, and then how long the barest producer
/// takes for as many of the same messages in transactions of the same size.
///
/// # Errors
/// Kafka or the daemon doesn't start, or the backlog doesn't drain.
pub(crate) fn measure(broker: &Broker, connections: u32, events: u32) -> anyhow::Result<()> {
    let drained = drain(broker, connections, events)?;
    let messages = broker.first(TOPIC, MESSAGES)?;
    let before = Usage::of(process::id())?.cpu_seconds;
    let elapsed = bare::produce(broker, &messages, events)?;
    let cpu_seconds = Usage::of(process::id())?.cpu_seconds - before;
    let bare = Run { messages: f64::from(events), elapsed, cpu_seconds };

    let mut out = std::io::stdout();
    writeln!(out, "\n{events} events from the journal to Kafka, exactly once")?;
    writeln!(out, "{:<10} {:>10} {:>16}", "", "events/s", "CPU s/million")?;
    for (name, run) in [("kalends", &drained), ("bare", &bare)] {
        writeln!(out, "{name:<10} {:>10.0} {:>16.1}", run.rate(), run.cpu_per_million())?;
    }
    let (rate, cpu) = (drained.rate() / bare.rate(), drained.cpu_per_million() / bare.cpu_per_million());
    writeln!(out, "{:<10} {rate:>10.2} {cpu:>16.2}", "ratio")?;
    Ok(())
}

fn drain(broker: &Broker, connections: u32, events: u32) -> anyhow::Result<Run> {
    broker.kill()?;
    let kalends = Kalends::start(Sink::Kafka(broker.bootstrap()))?;
    let load = Load { target: kalends.target(), connections, first: 0, events, rate: None };
    load.send(&Request::subscribe()?)?;
    broker.restart()?;
    let first = wait_until("the first of the backlog", PATIENCE, || {
        Ok(Some(kalends.position()?).filter(|position| *position > 0))
    })?;
    let (before, began) = (Usage::of(kalends.pid())?, Instant::now());
    wait_until("the backlog to drain", PATIENCE, || Ok(kalends.has_delivered(events)?.then_some(())))?;
    let elapsed = began.elapsed();
    let cpu_seconds = Usage::of(kalends.pid())?.cpu_seconds - before.cpu_seconds;
    let first = u32::try_from(first).context("a position among the events sent")?;
    Ok(Run { messages: f64::from(events - first), elapsed, cpu_seconds })
}
