//! The whole road over the real crates, in a world that one number decides: sender, network, disk and destinations, with a
//! clock that stands still unless everybody waits.
//!
//! Real are the listener (over streams that are no sockets), the journal (on a disk in memory), the normaliser, the scanner, the
//! loops of the sinks and the files sink. Their threads are taken from them: one of those that could go on is chosen at a time,
//! by the dice. Faults come in any order while the load runs; then they end, everything must drain, and the promises are
//! held against what was stored and what arrived. The same seed gives the same history, to the letter.
//!
//! `KALENDS_SIMULATION_SEED` replays one seed and prints its history; `KALENDS_SOAK_SECONDS` looks for as long as it says.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says which seed it was"
)]

mod daemon;
mod destination;
mod destination_fault;
mod dice;
mod event;
mod history;
mod holds;
mod incidents;
mod oracle;
mod reference_journal;
mod request;
mod run;
mod runner;
mod seeks;
mod sender;
mod shards;
mod sink;
mod time;
mod world;

use std::time::{Duration, Instant};

use run::{Outcome, run};

/// Every fault that a seed can bring was brought by some of so many.
const SEEDS: u64 = 60;

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable}={text}: no number")))
}

fn check(seed: u64) -> Outcome {
    let outcome = run(seed);
    if let Err(violation) = &outcome.verdict {
        let tail: Vec<_> = outcome.history.lines().rev().take(40).collect();
        for line in tail.iter().rev() {
            println!("{line}");
        }
        panic!(
            "seed {seed}: {violation}\nreplay it with its whole history:\n  KALENDS_SIMULATION_SEED={seed} cargo test -p \
             kalends-tests --test simulation -- --nocapture whatever_fails"
        );
    }
    outcome
}

#[test]
fn whatever_fails_in_whatever_order_every_promise_holds_and_everything_drains() {
    if let Some(seed) = number("KALENDS_SIMULATION_SEED") {
        let outcome = run(seed);
        println!("{}\nseed {seed}: {:?}", outcome.history, outcome.verdict);
        assert!(outcome.verdict.is_ok());
        return;
    }
    let begun = Instant::now();
    let time = number("KALENDS_SOAK_SECONDS").map(Duration::from_secs);
    // A soak looks at seeds that no other soak has seen.
    let first = time.map_or(0, |_| u64::from(std::process::id()) << 32);
    let mut total = run::Tally::default();
    let mut seeds = 0;
    while time.map_or(seeds < SEEDS, |time| begun.elapsed() < time) {
        total.add(&check(first + seeds).tally);
        seeds += 1;
    }
    println!("{seeds} seeds from {first}, in {:?}: {total}", begun.elapsed());
    total.assert_that_everything_was_tried();
}

#[test]
fn the_same_seed_gives_the_same_history() {
    for seed in [3, 1_000_003] {
        let (one, other) = (run(seed), run(seed));
        for (number, (a, b)) in one.history.lines().zip(other.history.lines()).enumerate() {
            assert_eq!(a, b, "seed {seed}, line {number}");
        }
        assert_eq!(one.history.len(), other.history.len());
    }
    assert_ne!(run(3).history, run(4).history, "and another seed another one");
}
