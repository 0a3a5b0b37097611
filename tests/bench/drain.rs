use std::{
    io::Write as _,
    process, thread,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use kalends_tests::{
    kafka::{Broker, Message},
    wait_until,
};
use rustix::process::Signal;

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

/// Between two looks at how far it is.
const PERIOD: Duration = Duration::from_millis(100);

/// Delivered before, for the barest producer: many enough that no cache holds them all, few enough to keep them at hand.
const MESSAGES: u32 = 20_000;

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

/// Fills a journal while Kafka is away, measures how it drains when Kafka is back, and how long the barest producer takes
/// for as many of the same messages in transactions of the same size: before it, as a broker that has just started is slow,
/// and once more behind it.
///
/// # Errors
/// Kafka or the daemon doesn't start, or the backlog doesn't drain.
pub(crate) fn measure(broker: &Broker, connections: u32, events: u32) -> anyhow::Result<()> {
    let mut kalends = Kalends::start(Sink::Kafka(broker.bootstrap()))?;
    let request = Request::subscribe()?;
    let mut load = Load { target: kalends.target(), connections, first: 0, events: MESSAGES, rate: None };
    load.send(&request)?;
    await_delivery(&kalends, MESSAGES)?;
    let messages = broker.first(TOPIC, usize::try_from(MESSAGES)?)?;

    broker.kill()?;
    (load.first, load.events) = (MESSAGES, events);
    load.send(&request)?;
    kalends.signal(Signal::STOP)?;
    broker.restart()?;
    bare::prepare(broker)?;
    let before = bare(broker, &messages, events)?;
    kalends.signal(Signal::CONT)?;
    let drained = drain(&kalends, MESSAGES + events)?;
    let after = bare(broker, &messages, events)?;

    let mut out = std::io::stdout();
    writeln!(out, "\n{events} events from the journal to Kafka, exactly once")?;
    writeln!(out, "{:<10} {:>10} {:>16}", "", "events/s", "CPU s/million")?;
    for (name, run) in [("bare", &before), ("kalends", &drained), ("bare", &after)] {
        writeln!(out, "{name:<10} {:>10.0} {:>16.1}", run.rate(), run.cpu_per_million())?;
    }
    let mean = |of: fn(&Run) -> f64| f64::midpoint(of(&before), of(&after));
    let (rate, cpu) =
        (drained.rate() / mean(Run::rate), drained.cpu_per_million() / mean(Run::cpu_per_million));
    writeln!(out, "{:<10} {rate:>10.2} {cpu:>16.2}", "ratio")?;
    Ok(())
}

fn bare(broker: &Broker, messages: &[Message], events: u32) -> anyhow::Result<Run> {
    let before = Usage::of(process::id())?.cpu_seconds;
    let elapsed = bare::produce(broker, messages, events)?;
    let cpu_seconds = Usage::of(process::id())?.cpu_seconds - before;
    Ok(Run { messages: f64::from(events), elapsed, cpu_seconds })
}

fn drain(kalends: &Kalends, through: u32) -> anyhow::Result<Run> {
    let first = wait_until("the first of the backlog", PATIENCE, || {
        Ok(Some(kalends.position()?).filter(|position| *position > u64::from(MESSAGES)))
    })?;
    let (before, began) = (Usage::of(kalends.pid())?, Instant::now());
    await_delivery(kalends, through)?;
    let elapsed = began.elapsed();
    let cpu_seconds = Usage::of(kalends.pid())?.cpu_seconds - before.cpu_seconds;
    let first = u32::try_from(first).context("a position among the events sent")?;
    Ok(Run { messages: f64::from(through - first), elapsed, cpu_seconds })
}

fn await_delivery(kalends: &Kalends, through: u32) -> anyhow::Result<()> {
    wait_until("what was sent to be delivered", PATIENCE, || {
        let delivered = kalends.has_delivered(through)?;
        // Each look costs the daemon something.
        thread::sleep(if delivered { Duration::ZERO } else { PERIOD });
        Ok(delivered.then_some(()))
    })
}
