//! What one append costs, by how many wait together. Writes to the directory that `TMPDIR` names: choose a real disk.

#![expect(clippy::unwrap_used, reason = "a benchmark that can't run has nothing to say")]

use std::hint::black_box;

use bytes::Bytes;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use kalends_journal_local::{Journal, Metrics, Settings};
use tokio::{runtime, task::JoinSet};

const PAYLOAD_BYTES: usize = 1500;

fn append(criterion: &mut Criterion) {
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::open(Settings::new(directory.path()), Metrics::default()).unwrap();
    let appender = journal.appender();
    let payload = Bytes::from(vec![b'x'; PAYLOAD_BYTES]);
    let runtime = runtime::Builder::new_current_thread().build().unwrap();

    let mut bench = criterion.benchmark_group("append");
    for waiting in [1_u64, 16, 64, 256] {
        bench.throughput(Throughput::Elements(waiting));
        bench.bench_function(BenchmarkId::from_parameter(waiting), |bencher| {
            bencher.iter(|| {
                runtime.block_on(async {
                    let mut appends = JoinSet::new();
                    for _ in 0..waiting {
                        let (appender, payload) = (appender.clone(), payload.clone());
                        appends.spawn(async move { appender.append(0, payload).await.unwrap() });
                    }
                    black_box(appends.join_all().await);
                });
            });
        });
    }
    bench.finish();
    journal.close().unwrap();
}

criterion_group!(benches, append);
criterion_main!(benches);
