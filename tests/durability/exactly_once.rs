//! Who was promised what, and what was delivered.

use std::collections::{BTreeMap, BTreeSet};

use kalends_tests::{Record, load::Outcome};

/// How often each event was delivered.
pub(crate) fn times(records: &[Record]) -> BTreeMap<&str, usize> {
    let mut times = BTreeMap::new();
    for id in records.iter().filter_map(|record| record.text("event_id")) {
        *times.entry(id).or_default() += 1;
    }
    times
}

/// Every event answered 200 was delivered exactly once, every other at most once, and nothing that nobody sent.
pub(crate) fn assert_exactly_once(what: &str, outcome: &Outcome, records: &[Record]) {
    let times = times(records);
    let lost: Vec<_> = outcome.acknowledged.iter().filter(|id| !times.contains_key(id.as_str())).collect();
    assert!(
        lost.is_empty(),
        "{what}: {} of {} acknowledged events lost: {lost:?}",
        lost.len(),
        outcome.acknowledged.len()
    );
    let twice: Vec<_> = times.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "{what}: delivered more than once: {twice:?}");
    let sent: BTreeSet<_> = outcome.acknowledged.iter().chain(&outcome.unknown).map(String::as_str).collect();
    let invented: Vec<_> = times.keys().filter(|id| !sent.contains(**id)).collect();
    assert!(invented.is_empty(), "{what}: sent by nobody: {invented:?}");
}

/// A count from the environment, for soaks.
pub(crate) fn count(variable: &str, small: u64) -> u64 {
    std::env::var(variable)
        .map_or(small, |text| text.parse().unwrap_or_else(|_| panic!("{variable}={text}: no number")))
}
