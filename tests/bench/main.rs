//! Drives a daemon with the files sink over keep-alive connections, and prints what an event costs.
//! `cargo xtask bench` builds and runs it: `kalends-bench EVENTS CONNECTIONS`.

mod cost;

use std::{env, io::Write, process::ExitCode, time::Instant};

use anyhow::Context;
use kalends_tests::{Installation, config, load::Load};

use crate::cost::Usage;

fn main() -> anyhow::Result<ExitCode> {
    let mut arguments = env::args().skip(1);
    let events: u32 = arguments.next().context("how many events?")?.parse()?;
    let connections: u32 = arguments.next().context("over how many connections?")?.parse()?;

    let installation = Installation::new(&config::files())?;
    let daemon = installation.start()?;
    let before = Usage::of(daemon.pid())?;
    let began = Instant::now();
    let load = Load::start("bench", daemon.public(), connections, u64::from(events));
    let mut outcome = load.finish()?;
    let answered = began.elapsed().as_secs_f64();
    daemon.wait_until_delivered(&["files"])?;
    let delivered = began.elapsed().as_secs_f64();
    let after = Usage::of(daemon.pid())?;
    let status = daemon.terminate()?;
    anyhow::ensure!(status.success(), "the daemon ended with {status}");

    outcome.latencies.sort_unstable();
    let latency = |share: f64| cost::percentile(&outcome.latencies, share).as_secs_f64() * 1e3;
    let count = f64::from(events);
    let disk = |folder: &str| cost::bytes_under(&installation.path(folder)).map(|bytes| bytes / count);
    let mut out = std::io::stdout();
    writeln!(out, "{events} events over {connections} connections, sink: files")?;
    writeln!(out, "answered 200          {:>10}", outcome.acknowledged.len())?;
    writeln!(
        out,
        "events per second     {:>10.0}  received; {:.0} delivered",
        count / answered,
        count / delivered
    )?;
    writeln!(out, "latency p50, p99      {:>10.2}  {:.2} ms", latency(0.5), latency(0.99))?;
    writeln!(
        out,
        "CPU per million       {:>10.1}  s",
        (after.cpu_seconds - before.cpu_seconds) / count * 1e6
    )?;
    writeln!(out, "peak memory           {:>10.1}  MiB", after.peak_bytes / 1024.0 / 1024.0)?;
    writeln!(out, "disk bytes per event  {:>10.0}  journal; {:.0} files", disk("journal")?, disk("events")?)?;
    let complete = outcome.acknowledged.len() == usize::try_from(events)?;
    Ok(if complete { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
