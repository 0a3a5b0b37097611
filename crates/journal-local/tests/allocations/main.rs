//! What an append costs its caller in allocations. `docs/develop/performance.md` has the limits.

use bytes::Bytes;
use kalends_journal_local::{Journal, Metrics, Settings};
use tokio::runtime;

const APPENDS: u64 = 64;

/// One for the answer, and a part of the queue's next block; the payload is never copied on this side.
#[test]
fn an_append_takes_one_allocation_and_a_part_of_another() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::open(Settings::new(directory.path()), Metrics::default()).unwrap();
    let appender = journal.appender();
    let runtime = runtime::Builder::new_current_thread().build().unwrap();
    let append = || {
        runtime.block_on(async {
            for _ in 0..APPENDS {
                appender.append(0, Bytes::from_static(&[b'x'; 1500])).await.unwrap();
            }
        });
    };
    append();
    let cost = allocation_counter::measure(append);
    assert!(cost.count_total <= APPENDS + APPENDS / 8, "{cost:?}");
    assert!(cost.bytes_total <= APPENDS * 256, "{cost:?}");
    journal.close().unwrap();
}
