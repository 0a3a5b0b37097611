//! Allocations of an event: counted, so that they depend on no machine and on no mood of it.
//!
//! `docs/develop/performance.md` has the limits.

#![expect(clippy::unwrap_used, reason = "a test that meets what it does not expect should stop there")]

use std::sync::Arc;

use allocation_counter::AllocationInfo;
use kalends_normalise::{Meta, Normaliser, Outcome, Plan, TimeUnit};

const META: Meta<'static> = Meta {
    endpoint: "main",
    received_at: 1_588_727_930_120_999,
    journal_id: "000102030405060708090a0b0c0d0eff",
    shard: 0,
    position: 42,
};

type Normalise = fn(&mut Normaliser, &[u8], &Meta<'_>) -> Outcome;

/// Allocations to normalise `body` and to drop the event, once the normaliser has seen such a body.
fn cost(normalise: Normalise, body: &[u8]) -> AllocationInfo {
    let plan = Plan::builtin(TimeUnit::Millis).unwrap();
    let mut normaliser = Normaliser::new(Arc::new(plan));
    let mut normalise = || {
        let outcome = normalise(&mut normaliser, body, &META);
        assert!(matches!(outcome, Outcome::Event(_)), "{outcome:?}");
    };
    normalise();
    allocation_counter::measure(normalise)
}

macro_rules! sample {
    ($name:literal) => {
        include_bytes!(concat!("../../../../tests/fixtures/samples/", $name, ".json"))
    };
}

/// Its datum, its row, its names, two lists of tags, and the one quirk of the sample with its place.
#[test]
fn a_subscribe_event_takes_seven_allocations() {
    let cost = cost(Normaliser::normalise, sample!("subscribe"));
    assert!(cost.count_total <= 7, "{cost:?}");
    assert!(cost.bytes_total <= 2_600, "{cost:?}");
    assert_eq!(cost.count_current, 0, "nothing is left behind");
}

/// Nobody wants to know its quirk again.
#[test]
fn a_subscribe_event_that_is_read_again_takes_five_allocations() {
    let cost = cost(Normaliser::normalise_again, sample!("subscribe"));
    assert!(cost.count_total <= 5, "{cost:?}");
    assert!(cost.bytes_total <= 2_400, "{cost:?}");
}

/// Whatever has no quirk takes its datum, its row and its names.
#[test]
fn an_event_without_tags_and_quirks_takes_three_allocations() {
    let cost = cost(Normaliser::normalise, sample!("unsubscribe"));
    assert!(cost.count_total <= 3, "{cost:?}");
    assert!(cost.bytes_total <= 1_400, "{cost:?}");
}
