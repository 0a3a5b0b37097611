//! How long is searched, and how a panic on another thread is noticed.

use std::{
    env, panic,
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use proptest::{
    strategy::Strategy,
    test_runner::{Config, TestCaseResult, TestRunner},
};

/// Panics so far, on whatever thread.
static PANICS: AtomicU64 = AtomicU64::new(0);

static WATCH: LazyLock<()> = LazyLock::new(|| {
    let tell = panic::take_hook();
    panic::set_hook(Box::new(move |information| {
        PANICS.fetch_add(1, Ordering::Relaxed);
        tell(information);
    }));
});

/// Tries values of `strategy` until the time is over.
pub(crate) fn search<S: Strategy>(strategy: &S, test: impl Fn(S::Value) -> TestCaseResult) {
    LazyLock::force(&WATCH);
    let seconds = env::var("KALENDS_SOAK_SECONDS").map_or(5, |seconds| seconds.parse().unwrap());
    let (begin, patience) = (Instant::now(), Duration::from_secs(seconds));
    let config = Config { cases: 8, failure_persistence: None, ..Config::default() };
    while begin.elapsed() < patience {
        if let Err(failure) = TestRunner::new(config.clone()).run(strategy, &test) {
            panic!("{failure}");
        }
        assert_eq!(PANICS.load(Ordering::Relaxed), 0, "a thread has panicked");
    }
}
