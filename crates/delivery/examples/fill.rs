//! Fills a new journal with small events, far faster than they could be posted: `fill DIRECTORY EVENTS NOW`, the last in
//! microseconds since the Unix epoch. `cargo xtask bench` starts daemons on what it leaves.

#![expect(clippy::unwrap_used, reason = "without the journal there is nothing to measure")]

use std::{env, path::PathBuf};

use bytes::Bytes;
use kalends_journal_local::{Journal, Metrics, Settings};
use kalends_receipt::Envelope;
use tokio::{runtime, task::JoinSet};

/// Appended at once.
const GROUP: i64 = 2000;
/// The time that they are spread over, in microseconds: six days, so that all are within the window of seven.
const SPAN: i64 = 6 * 86_400_000_000;

fn main() {
    let mut arguments = env::args_os().skip(1);
    let directory = PathBuf::from(arguments.next().unwrap());
    let events: i64 = arguments.next().unwrap().to_str().unwrap().parse().unwrap();
    let now: i64 = arguments.next().unwrap().to_str().unwrap().parse().unwrap();

    let journal = Journal::open(Settings::new(directory), Metrics::default()).unwrap();
    let appender = journal.appender();
    runtime::Builder::new_current_thread().build().unwrap().block_on(async {
        let mut number = 0;
        while number < events {
            let mut appends = JoinSet::new();
            for number in number..events.min(number + GROUP) {
                let time = now - (events - number) * (SPAN / events);
                let (appender, receipt) = (appender.clone(), receipt(number, time));
                appends.spawn(async move { appender.append(time, receipt).await.unwrap() });
            }
            appends.join_all().await;
            number += GROUP;
        }
    });
    journal.close().unwrap();
}

fn receipt(number: i64, time: i64) -> Bytes {
    let mut bytes = Vec::new();
    let envelope = Envelope { endpoint: "main", received_at: time, traceparent: None, tracestate: None };
    envelope.write_head(&mut bytes);
    bytes.extend_from_slice(
        format!(
            r#"{{"eventId":"0f1d5918-052d-4915-89a7-{number:012}","eventType":"Unsubscribe","eventDetails":{{"accountCode":"example"}}}}"#
        )
        .as_bytes(),
    );
    Bytes::from(bytes)
}
