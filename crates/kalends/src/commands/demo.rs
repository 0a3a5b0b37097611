//! `kalends demo`: the sender's documented payloads through the real daemon, on the embedded default.

mod landed;
mod payloads;
mod post;
mod report;

use std::{
    net::SocketAddr,
    path::Path,
    time::{Duration, Instant},
};

use kalends_admin::Probe;
use kalends_settings::Settings;
use kalends_sink_files::Files;
use serde_json::Value;
use tokio::sync::oneshot;

use self::{landed::Landed, payloads::PAYLOADS, post::post, report::Report};
use crate::{
    cli::DemoArgs,
    commands::run::runtime,
    daemon::{self, App, IfTaken, signals},
    output::{
        exit::{Exit, Failure},
        stderr::say,
        stdout::Stdout,
    },
    sinks::KINDS,
};

/// Records wait at most this long for their file here, so that there is something to see at once.
const ROLL_EVERY: Duration = Duration::from_millis(500);
/// How long delivery may take before the demo says that something is wrong.
const PATIENCE: Duration = Duration::from_mins(1);
const ROUNDS: usize = 2;

/// Runs the demo in a new folder of `./data`, and then, unless told to end, stays up until SIGTERM or SIGINT.
///
/// # Errors
/// When the daemon does not start, does not answer 200, or does not deliver in time.
pub fn demo(args: &DemoArgs) -> Result<(), Failure> {
    let runtime = runtime()?;
    let ended = runtime.block_on(async {
        let interrupt = signals::stop(signals::EarlySignals::default()).map_err(daemon::Error::Runtime)?;
        let directory =
            Path::new("./data").join(jiff::Timestamp::now().strftime("demo-%Y%m%dT%H%M%SZ").to_string());
        run(&directory, args, interrupt).await
    });
    runtime.shutdown_background();
    ended
}

async fn run(directory: &Path, args: &DemoArgs, interrupt: impl Future<Output = ()>) -> Result<(), Failure> {
    let events = directory.join("events");
    let settings = in_directory(directory)?;
    let path = settings.endpoints.values().next().map(|e| e.path.expose().to_owned()).unwrap_or_default();
    let app = App::start(settings, "the demo's own", None, IfTaken::TakeAnother).await?;
    let (public, admin) = (app.public_address(), app.admin_address());
    let (registry, probe) = (app.registry().clone(), app.probe());
    let (stop, stopped) = oneshot::channel::<()>();
    let daemon = tokio::spawn(app.run(async move { drop(stopped.await) }, None));

    let mut report = Report::new(&events);
    for _ in 0..ROUNDS {
        post_all(public, &path).await?;
        wait_until_delivered(&*probe).await?;
        report.add_round(Landed::read(&events)?);
    }
    let (webhooks, page) = (format!("http://{public}{path}"), format!("http://{admin}/"));
    if args.json {
        report.print_json(&mut Stdout::lock(), &registry, (&webhooks, &page))?;
    } else {
        report.print(&mut Stdout::lock(), &registry)?;
    }
    if !args.exit {
        say(format_args!("still running: POST to {webhooks}, look at {page}, end with Ctrl-C"));
        interrupt.await;
    }
    drop(stop);
    daemon.await.map_err(|error| Failure::new(Exit::Bug, error))??;
    if !args.exit {
        let files = Landed::read(&events)?.files;
        say(format_args!("stopped: {files} files are complete in {}", events.display()));
    }
    Ok(())
}

async fn post_all(address: SocketAddr, path: &str) -> Result<(), Failure> {
    for payload in PAYLOADS {
        let failed = |error| Failure::new(Exit::Unavailable, format!("posting {}: {error}", payload.name));
        post(address, path, payload.body).await.map_err(failed)?;
    }
    Ok(())
}

/// The embedded default, moved into `directory`.
fn in_directory(directory: &Path) -> Result<Settings, Failure> {
    let settings = kalends_settings::load(None, std::iter::empty(), KINDS);
    let mut settings = settings.map_err(|problems| Failure::new(Exit::Bug, problems))?;
    settings.journal.directory = directory.join("journal");
    for sink in settings.sinks.values_mut() {
        if let Some(files) = sink.own.get_mut::<Files>() {
            files.directory = directory.join("events");
            files.roll_every = ROLL_EVERY;
        }
    }
    Ok(settings)
}

async fn wait_until_delivered(probe: &dyn Probe) -> Result<(), Failure> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let status = probe.status();
        let sinks = status.get("sinks").and_then(Value::as_array).cloned().unwrap_or_default();
        if sinks.iter().all(|sink| sink.get("lag_events").and_then(Value::as_u64) == Some(0)) {
            return Ok(());
        }
        if Instant::now() > deadline {
            let message =
                format!("not everything was delivered in {} s: {}", PATIENCE.as_secs(), Value::Array(sinks));
            return Err(Failure::new(Exit::Unavailable, message));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
