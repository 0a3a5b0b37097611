//! Measures the release build from outside. `cargo xtask bench` builds and runs it.

mod answers;
mod bare;
mod cost;
mod database;
mod drain;
mod figures;
mod filled;
mod floor;
mod growth;
mod idle;
mod kalends;
mod load;
mod machine;
mod pairs;
mod request;
mod seldom;
mod sender;
mod startup;
mod subject;
mod table;

use std::{io::Write as _, process::ExitCode};

use clap::{Parser, Subcommand};
use kalends_tests::kafka::Broker;

use crate::subject::Sink;

/// What is measured, and how much of it.
#[derive(Parser)]
#[command(name = "cargo xtask bench")]
struct Arguments {
    #[command(subcommand)]
    what: Option<What>,
    /// How many events one measurement sends.
    #[arg(long, default_value_t = 100_000, global = true)]
    events: u32,
    /// How often kalends and the floor are measured one after the other.
    #[arg(long, default_value_t = 5, global = true)]
    pairs: u32,
    /// How many keep-alive connections send, where that is not what varies.
    #[arg(long, default_value_t = 64, global = true)]
    connections: u32,
    /// How many events a second are sent to kalends and to the floor: as many as there can be unless set.
    #[arg(long, global = true)]
    rate: Option<u32>,
}

/// One part of the whole; without any, all but those that take long.
#[derive(Subcommand, Clone, Copy, PartialEq, Eq)]
enum What {
    /// Each kind of sink, over 1, 64 and 256 connections.
    Table,
    /// Kalends and the floor by turns, with Kafka.
    Floor,
    /// A backlog in the journal, delivered to Kafka, and the barest producer of the same messages.
    Drain,
    /// A backlog in the journal, delivered to PostgreSQL, and the barest writer of the same rows; and how soon a row is seen.
    Postgres,
    /// 300 events a second over 16 connections.
    Seldom,
    /// Nothing to do.
    Idle,
    /// Ten times the events, the backlog and the sinks; only when asked for.
    Growth,
    /// The start with a hundred times `--events` small events in the journal; only when asked for.
    Startup,
}

fn main() -> anyhow::Result<ExitCode> {
    let Arguments { what, events, pairs, connections, rate } = Arguments::parse();
    match what {
        Some(What::Growth) => return growth::measure(events, connections).map(|()| ExitCode::SUCCESS),
        Some(What::Startup) => return startup::measure(events * 100).map(|()| ExitCode::SUCCESS),
        _ => {}
    }
    if what == Some(What::Postgres) {
        return database::measure(connections, events).map(|()| ExitCode::SUCCESS);
    }
    let broker = Broker::start("bench")?;
    let brokers = broker.as_ref().map(Broker::bootstrap);
    let sinks: Vec<_> = [Some(Sink::Files), brokers.map(Sink::Kafka)].into_iter().flatten().collect();
    let wanted = |part| what.is_none_or(|what| what == part);

    if wanted(What::Table) {
        table::measure(&sinks, events)?;
    }
    if wanted(What::Floor) {
        match brokers {
            Some(brokers) => pairs::measure(brokers, pairs, connections, events, rate)?,
            None => writeln!(std::io::stdout(), "left out, for want of Kafka: the floor")?,
        }
    }
    if wanted(What::Drain)
        && let Some(broker) = &broker
    {
        drain::measure(broker, connections, events)?;
    }
    if what.is_none() {
        database::measure(connections, events)?;
    }
    if wanted(What::Seldom) {
        seldom::measure(&sinks, brokers)?;
    }
    if wanted(What::Idle) {
        idle::measure(&sinks)?;
    }
    Ok(ExitCode::SUCCESS)
}
