use std::{sync::Arc, time::Duration};

use tokio::{
    task::JoinSet,
    time::{Instant, sleep, sleep_until},
};

use super::{
    Error,
    client::{Client, NoAnswer},
    load::{Load, Parcel},
    report::Report,
};

/// First and longest pause before an event is posted again.
const PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// Posts the whole load over its connections; Ctrl-C stops it. `step` is called once an event. Needs a Tokio runtime; to drop
/// the future stops every connection.
///
/// # Errors
/// An acknowledged id could not be written down; nothing more is posted then.
pub async fn run(load: &Arc<Load>, step: Arc<dyn Fn() + Send + Sync>) -> Result<Report, Error> {
    let start = Instant::now();
    let mut workers = JoinSet::new();
    for _ in 0..load.connections {
        workers.spawn(work(Arc::clone(load), start, Arc::clone(&step)));
    }
    let stopper = Arc::clone(load);
    let interrupt = tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stopper.stop();
        }
    });
    let mut report = Report::default();
    let mut failure = None;
    while let Some(worker) = workers.join_next().await {
        match worker.map_err(Error::from).and_then(|work| work) {
            Ok(part) => report.extend(part),
            Err(error) => {
                load.stop();
                failure.get_or_insert(error);
            }
        }
    }
    interrupt.abort();
    failure.map_or_else(|| Ok(report.took(start.elapsed())), Err)
}

/// One connection: posts until nothing is left.
async fn work(load: Arc<Load>, start: Instant, step: Arc<dyn Fn() + Send + Sync>) -> Result<Report, Error> {
    let mut client = Client::default();
    let mut report = Report::default();
    while let Some(parcel) = load.next() {
        sleep_until(start + parcel.due).await;
        if deliver(&load, &mut client, &parcel, &mut report).await {
            report.acknowledge();
            if let (Some(ids), Some(id)) = (&load.ids, &parcel.id) {
                ids.append(id)?;
            }
        }
        step();
    }
    Ok(report)
}

/// Posts one event, as often as the load says; whether it was answered 2xx.
async fn deliver(load: &Load, client: &mut Client, parcel: &Parcel, report: &mut Report) -> bool {
    let deadline = load.retry.map(|retry| Instant::now() + retry);
    let mut pause = PAUSE.0;
    loop {
        let posted = Instant::now();
        match client.post(load, parcel.body.clone()).await {
            Ok(status) => {
                report.count(status.as_str().to_owned(), Some(posted.elapsed()));
                if status.is_success() {
                    return true;
                }
            }
            Err(error @ NoAnswer::Request(_)) => {
                // It would fail the same way each time.
                report.count(error.to_string(), None);
                return false;
            }
            Err(error) => report.count(error.to_string(), None),
        }
        let may_retry = deadline.is_some_and(|deadline| Instant::now() + pause < deadline);
        if !may_retry || load.is_stopped() {
            return false;
        }
        sleep(pause).await;
        pause = (pause * 2).min(PAUSE.1);
    }
}
